"""Registers the fixtures; each test process has servers of its own, so tests run side by side."""

import hypothesis
import pytest
import structlog

# Helpers of fixtures assert too; each is named before anything imports it.
pytest.register_assert_rewrite(
    "tests.fixtures.servers",
    "tests.fixtures.system",
    "tests.fixtures.smtp",
    "tests.fixtures.database",
    "tests.fixtures.api",
    "tests.fixtures.jobs",
)
pytest_plugins = [
    "tests.fixtures.servers",
    "tests.fixtures.system",
    "tests.fixtures.smtp",
    "tests.fixtures.database",
    "tests.fixtures.api",
    "tests.fixtures.jobs",
    "tests.fixtures.runners",
    "tests.fixtures.certificates",
    "tests.fixtures.mail_settings",
    "tests.fixtures.summaries",
    "tests.fixtures.receiver",
    "tests.fixtures.courier",
    "tests.fixtures.dns",
    "tests.fixtures.quick_passwords",
]

# Plain tracebacks: rich ones, the default, take seconds to show the locals of a database error.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

# No test is timed: a busy machine is no fault of the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# Each file runs in one process: those that take longest begin first, so that none is left alone at the end.
LONGEST = (
    "tests/chaos/test_durability.py",
    "tests/core/cli/test_demo.py",
    "tests/worker/jobs/test_mail_crashes.py",
    "tests/fuzz/test_every_operation.py",
    "tests/core/client/test_live.py",
    "tests/docs/test_browser.py",
    "tests/core/surveys/test_many_respondents.py",
    "tests/chaos/test_storm.py",
    "tests/chaos/test_budgets.py",
    "tests/core/embedded/offline_model/test_rating.py",
    "tests/api/routes/test_pauses.py",
    "tests/docs/test_integrating.py",
    "tests/core/cli/test_up.py",
    "tests/worker/test_webhook_durability.py",
    "tests/fundamentals/test_4_first_study.py",
    "tests/worker/jobs/test_persona_profiles.py",
    "tests/worker/jobs/test_run_simulation.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest files come first; all else keeps its order."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))
