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
