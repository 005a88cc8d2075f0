"""Where the migrations stand."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "alembic"


def head_revision() -> str:
    """Return the newest revision of this release."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    head = ScriptDirectory.from_config(config).get_current_head()
    if head is None:
        raise RuntimeError("this release has no migrations")
    return head
