"""`python -m api.contract`: write docs/openapi.json (`make openapi`), or with `--check` say what it differs in."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from api.app import create_app
from api.contract.breaking import broken
from core.settings import Settings

FILE: Final = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


def document() -> dict[str, Any]:
    """Return the document of the application as it is; it is the same whatever the settings are."""
    settings = Settings(
        _env_file=None,
        environment="development",
        database_url="postgresql://localhost/none",
        redis_url="redis://localhost/0",
    )
    made: dict[str, Any] = json.loads(json.dumps(create_app(settings).openapi()))
    return made


def text_of(made: dict[str, Any]) -> str:
    """Return a document as it is kept: sorted, so that a change shows as one."""
    return json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write or check; what breaks clients is written with `--break` only."""
    made = document()
    kept = FILE.read_text() if FILE.exists() else ""
    breaks = broken(json.loads(kept), made) if kept else []
    if text_of(made) == kept:
        return 0
    for line in breaks:
        print(f"breaks clients: {line}", file=sys.stderr)
    if "--check" in arguments:
        print("docs/openapi.json is not what the API says of itself: make openapi, and commit it", file=sys.stderr)
        return 1
    if breaks and "--break" not in arguments:
        print("not written; if it is meant: make openapi ARGS=--break", file=sys.stderr)
        return 1
    FILE.write_text(text_of(made))
    print(f"{FILE.name} is written")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
