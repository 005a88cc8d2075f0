"""Cursors: what they carry, and what is no cursor."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from api.pagination import decode_cursor, decode_number, encode_cursor, encode_number
from core.errors import Invalid

NIL = UUID(int=0)


def coded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def test_a_cursor_comes_back_as_it_went() -> None:
    moment, id_ = datetime(2026, 11, 22, 12, 0, 0, 123456, UTC), uuid4()
    assert decode_cursor(encode_cursor(moment, id_)) == (moment, id_)
    assert decode_number(encode_number(41), default=-1) == 41


def test_no_cursor_is_the_beginning() -> None:
    assert decode_cursor(None) is None
    assert decode_number(None, default=-1) == -1


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "é",
        "not base64!",
        coded("2026-11-22T12:00:00+00:00"),
        coded(f"2026-11-22T12:00:00 {NIL}"),
        coded(f"0001-01-01T00:00:00+14:00 {NIL}"),
        coded(f"9999-12-31T23:59:59-14:00 {NIL}"),
    ],
)
def test_anything_else_is_refused_by_name(cursor: str) -> None:
    with pytest.raises(Invalid) as caught:
        decode_cursor(cursor)
    assert caught.value.errors[0].loc == ("query", "cursor")


@pytest.mark.parametrize("number", ["-5", "99999999999999999999", "1.5", "x"])
def test_numbers_out_of_range_are_no_cursor(number: str) -> None:
    with pytest.raises(Invalid):
        decode_number(coded(number), default=0)
