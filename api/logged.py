"""What of a request's path gets into the log: all but the tokens that mailed links end in."""

from __future__ import annotations

import re
from typing import Final

_MAILED_TOKEN: Final = re.compile(r"/(verify-email|reset-password)/+[^/]+")


def loggable(path: str) -> str:
    """Return a path without its token: who reads the log must not be able to use the link."""
    return _MAILED_TOKEN.sub(r"/\1/{token}", path)
