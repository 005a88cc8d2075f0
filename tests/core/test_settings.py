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
        ("RATE_LIMITS", "many"),
        ("RATE_LIMITS", '{"logins": {"quota": 1, "window_s": 1}}'),
        ("RATE_LIMITS", '{"login_ip": {"quota": 0, "window_s": 1}}'),
        ("RATE_LIMITS", '{"login_ip": 5}'),
        ("IDLE_TIMEOUT", "-1"),
        ("MAIL_STARTTLS", "perhaps"),
        ("SUPERADMIN_EMAIL", "nope"),
        ("SUPERADMIN_EMAIL", "no body@example.org"),
        ("DATABASE_URL", "mysql://db"),
        ("DATABASE_URL", "postgresql://u:p@h:notaport/db"),
        ("DATABASE_URL", "postgresql://u:p@h:/db"),
        ("DATABASE_URL", "postgresql://u:p@h:70000/db"),
        ("DATABASE_URL", "postgresql://"),
        ("DATABASE_URL", "postgresql:///db"),
        ("DATABASE_URL", "postgresql://u:a@b@h/db"),
        ("DATABASE_URL", "postgresql://u:p#p@h/db"),
        ("DATABASE_URL", "postgresql://u:[p@h/db"),
        ("DATABASE_POOL_SIZE", "0"),
        ("REDIS_URL", "http://redis"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "redis://h:bad/0"),
        ("REDIS_URL", "redis://h/notanumber"),
        ("REDIS_URL", "redis://h/0/1"),
        ("REDIS_URL", "redis://h?db=x"),
        ("REDIS_URL", "unix://"),
        ("OPENAI_BASE_URL", "model.example/v1"),
        ("OPENAI_BASE_URL", "http://"),
        ("OPENAI_BASE_URL", "http:///v1"),
        ("OPENAI_BASE_URL", "http://h:x/v1"),
        ("OPENAI_BASE_URL", "http://h h/v1"),
        ("MAIL_FROM", "x"),
        ("MAIL_FROM", "Us <us@example.org>"),
        ("SUPERADMIN_EMAIL", "foo"),
        ("SUPERADMIN_EMAIL", "foo@"),
        ("SUPERADMIN_EMAIL", "a@b@c"),
        ("SUPERADMIN_EMAIL", f"a@{'b' * 320}"),
        ("SUPERADMIN_PASSWORD", "p" * 257),
        ("PUBLIC_URL", "ftp://x"),
        ("MODEL_PRICES", "{not json"),
        ("MODEL_PRICES", '{"m": {"in": "cheap"}}'),
        ("MODEL_PRICES", '{"m": {"input_per_million": -1}}'),
        ("MODEL_PRICES", '{"m": {"input_per_million": NaN}}'),
        ("MODEL_PRICES", '{"m": {"input_per_million": 1, "output": 1}}'),
        ("MODEL_PRICES", '{"m": 3}'),
        ("MODEL_TIMEOUT_S", "0"),
        ("MODEL_TIMEOUT_S", "nan"),
        ("CORS_ORIGINS", "[not json"),
        ("CORS_ORIGINS", "nonsense"),
        ("CORS_ORIGINS", "https://a.example,https://b.example/"),
        ("CORS_ORIGINS", "https://b.example/app"),
        ("CORS_ORIGINS", "https://b.example:x"),
        ("TRUSTED_PROXIES", "foo"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
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
    assert [other for other in ("PORT", "REDIS_URL", "LOG_LEVEL") if other != name and f"{other}: " in message] == []


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
        ("WEBHOOK_ALLOW_PRIVATE", "true"),
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgres://h"),
        ("DATABASE_URL", "postgresql+asyncpg://u:p%40%23@[::1]:5433/db?sslmode=require"),
        ("DATABASE_URL", "postgresql:///db?host=/var/run/postgresql"),
        ("REDIS_URL", "redis://:p%40@127.0.0.1:6380/3"),
        ("REDIS_URL", "rediss://u:p@h/"),
        ("REDIS_URL", "redis://h?db=2"),
        ("REDIS_URL", "unix:///run/redis.sock?db=1"),
        ("OPENAI_BASE_URL", "https://model.example/v1"),
        ("UI_URL", "http://[::1]:3000"),
        ("SUPERADMIN_EMAIL", "me@localhost"),
        ("SUPERADMIN_PASSWORD", "p" * 256),
    ],
)
def test_a_good_address_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    assert getattr(load(monkeypatch, **{name: value}), name.lower()) == value


def test_origins_and_networks_are_taken_in_all_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    origins = "https://UI.example:8443,http://localhost:3000,capacitor://localhost,*"
    networks = ["10.0.0.0/8", "192.168.0.1", "::1", "fd00::/8", "*"]
    found = load(monkeypatch, CORS_ORIGINS=origins, TRUSTED_PROXIES=",".join(networks))
    assert found.cors_origins == origins.lower().split(",")  # as browsers send them
    assert found.trusted_proxies == networks


def test_what_is_wanted_is_said_and_a_password_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value, wanted in (
        ("CORS_ORIGINS", "[", "CORS_ORIGINS: must be a JSON list, or words separated by commas"),
        ("DATABASE_URL", "postgresql://u:hidden@h:x/y", "like postgresql://USER:PASSWORD@HOST:PORT/DATABASE"),
        ("REDIS_URL", "redis://:hidden@h/x", "like redis://:PASSWORD@HOST:PORT/NUMBER"),
        ("MODEL_PRICES", '{"m": {"input_per_million": -1}}', "MODEL_PRICES: m.input_per_million: "),
    ):
        with monkeypatch.context() as patch, pytest.raises(SettingsInvalid) as caught:
            load(patch, **{name: value})
        assert wanted in str(caught.value)
        assert "hidden" not in str(caught.value)


def test_a_worker_that_asks_a_model_needs_one(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "worker"],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": "postgresql://127.0.0.1:1/y",
            "REDIS_URL": "redis://127.0.0.1:1",
            "WORKER_POOLS": "batch,delivery",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("settings: OPENAI_API_KEY or OPENAI_BASE_URL is not set, and a worker of batch asks")
    assert done.stderr.count("\n") == 1


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


@pytest.mark.parametrize(
    ("process", "environment", "named"),
    [
        ("api", {"PORT": "many"}, "PORT"),
        ("worker", {}, "DATABASE_URL"),
        ("api", {"DATABASE_URL": "postgresql://x/y"}, "REDIS_URL"),
        ("worker", {"DATABASE_URL": "postgresql://x:y/z"}, "DATABASE_URL"),
    ],
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
