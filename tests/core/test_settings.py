"""A wrong or missing setting is one line that names it; production takes no default secret."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import (
    DEVELOPMENT_PASSWORD,
    DEVELOPMENT_SECRET,
    OFFLINE_MODEL,
    Settings,
    SettingsInvalid,
    load_settings,
    require,
)

ROOT = Path(__file__).resolve().parents[2]
SECRET = "k" * 40
PRODUCTION = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": "postgresql://db/sp",
    "REDIS_URL": "redis://r",
    "JWT_SECRET": SECRET,
    "SUPERADMIN_PASSWORD": "a long password",
    "ENCRYPTION_KEYS": SECRET,
}


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting is set, and no `.env` is near."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def load(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    """Read the settings from an environment."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "staging"),
        ("PORT", "many"),
        ("PORT", "70000"),
        ("LOG_LEVEL", "loud"),
        ("JWT_ALGORITHM", "none"),
        ("JWT_ALGORITHM", "RS256"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "0"),
        ("IDLE_TIMEOUT", "-1"),
        ("MAIL_STARTTLS", "perhaps"),
        ("SUPERADMIN_EMAIL", "nope"),
        ("SUPERADMIN_EMAIL", "no body@example.org"),
        ("DATABASE_URL", "mysql://db"),
        ("DATABASE_POOL_SIZE", "0"),
        ("REDIS_URL", "http://redis"),
        ("OPENAI_BASE_URL", "model.example/v1"),
        ("PUBLIC_URL", "ftp://x"),
        ("MODEL_PRICES", "{not json"),
        ("MODEL_PRICES", '{"m": {"in": "cheap"}}'),
        ("MODEL_TIMEOUT_S", "0"),
        ("MODEL_TIMEOUT_S", "nan"),
        ("CORS_ORIGINS", "[not json"),
        ("ENCRYPTION_KEYS", "[1, 2]"),
        ("WORKER_POOLS", "batch,fast"),
        ("WORKER_POOLS", ","),
        ("WORKER_SLOTS", "1.5"),
        ("JOB_LEASE_S", "0"),
        ("JOB_LEASE_S", "inf"),
        ("WEBHOOK_ALLOW_PRIVATE", "2"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(monkeypatch, **{name: value})
    message = str(caught.value)
    assert name in message.upper()
    assert "\n" not in message
    assert [other for other in ("PORT", "REDIS_URL", "LOG_LEVEL") if other != name and other in message] == []


def test_all_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(monkeypatch, PORT="many", LOG_LEVEL="loud")
    assert all(name in str(caught.value) for name in ("PORT", "LOG_LEVEL"))


def test_a_secret_that_is_wrong_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(monkeypatch, **(PRODUCTION | {"JWT_SECRET": "my-short-secret", "DATABASE_URL": "mysql://u:hidden@db"}))
    assert "my-short-secret" not in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_production_takes_good_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, **PRODUCTION).environment == "production"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JWT_SECRET", ""),
        ("JWT_SECRET", DEVELOPMENT_SECRET),
        ("JWT_SECRET", "short"),
        ("SUPERADMIN_PASSWORD", ""),
        ("SUPERADMIN_PASSWORD", DEVELOPMENT_PASSWORD),
        ("SUPERADMIN_PASSWORD", "short"),
        ("ENCRYPTION_KEYS", ""),
        ("ENCRYPTION_KEYS", f"{SECRET},short"),
        ("DATABASE_URL", ""),
        ("REDIS_URL", ""),
    ],
)
def test_production_refuses_defaults_and_short_secrets(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(monkeypatch, **(PRODUCTION | {name: value}))
    assert str(caught.value).startswith(name)
    assert "production" in str(caught.value)


def test_an_empty_setting_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    found = load(monkeypatch, **{name.upper(): "" for name in Settings.model_fields})
    assert found == Settings()
    assert found.offline_model
    assert found.chat_model == OFFLINE_MODEL


def test_lists_are_words_or_json(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, CORS_ORIGINS=" https://a , https://b,").cors_origins == ["https://a", "https://b"]
    assert load(monkeypatch, CORS_ORIGINS='["https://a"]').cors_origins == ["https://a"]


def test_the_file_is_read_and_the_environment_goes_before_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=7000\nLOG_LEVEL=error\nSOMEONE_ELSES=1\n")
    found = load(monkeypatch, LOG_LEVEL="debug")
    assert (found.port, found.log_level) == (7000, "debug")


def test_a_missing_setting_is_named() -> None:
    for value in (None, ""):
        with pytest.raises(SettingsInvalid, match=r"^DATABASE_URL is not set"):
            require(value, "DATABASE_URL")


@pytest.mark.parametrize("process", ["api", "worker"])
@pytest.mark.parametrize(
    ("environment", "named"),
    [({"PORT": "many"}, "PORT"), ({}, "DATABASE_URL"), ({"DATABASE_URL": "postgresql://x/y"}, "REDIS_URL")],
)
def test_a_process_does_not_start_with_a_bad_setting(
    tmp_path: Path, process: str, environment: dict[str, str], named: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", process],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"settings: {named}")
