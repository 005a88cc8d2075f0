"""Registers the fixtures; each test process has servers of its own, so tests run side by side."""

import pytest

# Helpers of fixtures assert too; each is named before anything imports it.
pytest.register_assert_rewrite(
    "tests.fixtures.servers",
    "tests.fixtures.system",
    "tests.fixtures.database",
    "tests.fixtures.api",
    "tests.fixtures.jobs",
)
pytest_plugins = [
    "tests.fixtures.servers",
    "tests.fixtures.system",
    "tests.fixtures.database",
    "tests.fixtures.api",
    "tests.fixtures.jobs",
    "tests.fixtures.summaries",
]
