"""A process that has settled in leaves what it loaded out of its collections."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from core import garbage


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Give the collector of this process back as it was."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_is_loaded_is_collected_no_more() -> None:
    loaded = len(gc.get_objects())
    garbage.settle_in()
    assert gc.get_freeze_count() >= loaded // 2
    assert len(gc.get_objects()) < loaded // 2


def test_cycles_made_later_are_still_found() -> None:
    garbage.settle_in()
    cycle: list[object] = []
    cycle.append(cycle)
    del cycle
    assert gc.collect() >= 1
