"""Which passwords are refused, and that no rule of composition refuses any."""

from __future__ import annotations

import time

import pytest

from core.auth import strength
from core.errors import Invalid


def taken(password: str) -> bool:
    try:
        strength.require(password, email="ada.lopez@example.org", full_name="Ada Lopez", field="password")
    except Invalid:
        return False
    return True


@pytest.mark.parametrize(
    "password",
    [
        "qwertyuiop",
        "password2026",
        "Password123!",
        "P@ssw0rd!!",
        "!!p4$$w0rd!!",
        "iloveyou1234",
        "passwordpassword",
        "password1password1",
        "Passw0rd-Passw0rd",
        "dragon dragon dragon",
    ],
)
def test_what_many_people_use_is_refused_in_every_dress(password: str) -> None:
    assert not taken(password)


@pytest.mark.parametrize("password", ["aaaaaaaaaaaa", "abababababab", "abcdefghijkl", "9876543210", "1234567890ab"])
def test_what_repeats_or_counts_is_refused(password: str) -> None:
    assert not taken(password)


@pytest.mark.parametrize(
    "password",
    [
        "ada.lopez@example.org",
        "Ada Lopez 1987",
        "adalopez2026!",
        "lopezada12",
        "@d@l0p3z!!",
        "example123456",
        "example.org1",
    ],
)
def test_ones_own_name_and_address_are_refused(password: str) -> None:
    assert not taken(password)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "only lower case letters",
        "tulip.seven.harbour",
        "x4k9mq2ptw",
        "8305517264",
        "пароль из нескольких слов",
        "Ada has a cat named Plato",
        "x" * 3 + "yzqw8 lantern" * 20,
    ],
)
def test_any_other_is_taken_whatever_it_is_made_of(password: str) -> None:
    assert taken(password)


def test_the_refusal_names_the_field_and_not_the_password() -> None:
    with pytest.raises(Invalid) as refusal:
        strength.require("qwertyuiop", email="a@example.org", full_name="Ada", field="new_password")
    assert [one.loc for one in refusal.value.errors] == [("body", "new_password")]
    assert "qwertyuiop" not in str(refusal.value)


@pytest.mark.parametrize("password", ["4@8({[<369&#!1/|0$5+7%2/" * 10, "ab" * 128, "a1" * 127 + "b", "é" * 256])
def test_no_password_takes_long_to_look_at(password: str) -> None:
    taken("warm up the list, please")
    started = time.perf_counter()
    taken(password)
    assert time.perf_counter() - started < 0.05
