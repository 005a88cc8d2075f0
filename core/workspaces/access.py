"""A caller inside a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from core.jobs.service import Author

Role = Literal["admin", "member"]


@dataclass(frozen=True, slots=True)
class Member:
    """Who acts in which workspace, and as what."""

    workspace_id: UUID
    author: Author
    role: Role
