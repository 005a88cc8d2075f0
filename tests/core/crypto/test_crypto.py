"""Secrets are opened by the key that sealed them, and by no other."""

from __future__ import annotations

import pytest

from core.crypto import service as crypto
from core.crypto.service import NotOpened
from core.settings import Settings

OLD, NEW = "an old key of more than thirty-two characters", "a new key of more than thirty-two characters"


def settings_with(*keys: str, environment: str = "production") -> Settings:
    """Settings with these keys; of production, in which no key is a given."""
    return Settings().model_copy(update={"encryption_keys": list(keys), "environment": environment})


def test_what_was_sealed_can_be_opened_and_not_read() -> None:
    settings = settings_with(NEW)
    sealed = crypto.encrypt(settings, b"a secret")
    assert b"a secret" not in sealed
    assert crypto.decrypt(settings, sealed) == b"a secret"


def test_an_older_key_opens_and_the_first_one_seals() -> None:
    sealed = crypto.encrypt(settings_with(OLD), b"a secret")
    both = settings_with(NEW, OLD)
    assert crypto.decrypt(both, sealed) == b"a secret"
    assert not sealed.startswith(crypto.prefix(both))
    assert crypto.encrypt(both, b"x").startswith(crypto.prefix(settings_with(NEW)))


def test_without_its_key_nothing_is_opened() -> None:
    sealed = crypto.encrypt(settings_with(OLD), b"a secret")
    with pytest.raises(NotOpened):
        crypto.decrypt(settings_with(NEW), sealed)


@pytest.mark.parametrize("place", [0, 20, -1])
def test_changed_bytes_are_not_opened(place: int) -> None:
    settings = settings_with(NEW)
    sealed = bytearray(crypto.encrypt(settings, b"a secret"))
    sealed[place] ^= 1
    with pytest.raises(NotOpened):
        crypto.decrypt(settings, bytes(sealed))


def test_sealing_twice_gives_other_bytes() -> None:
    settings = settings_with(NEW)
    assert crypto.encrypt(settings, b"a secret") != crypto.encrypt(settings, b"a secret")


def test_in_development_no_key_has_to_be_set_and_one_set_later_takes_over() -> None:
    bare = settings_with(environment="development")
    sealed = crypto.encrypt(bare, b"a secret")
    later = settings_with(NEW, environment="development")
    assert crypto.decrypt(later, sealed) == b"a secret"
    assert crypto.encrypt(later, b"x").startswith(crypto.prefix(settings_with(NEW)))


def test_the_key_of_development_opens_nothing_in_production() -> None:
    sealed = crypto.encrypt(settings_with(environment="development"), b"a secret")
    with pytest.raises(NotOpened):
        crypto.decrypt(settings_with(NEW), sealed)
