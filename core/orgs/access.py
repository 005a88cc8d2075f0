"""A caller inside an organization."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

OrgRole = Literal["owner", "admin", "member"]
OWNER: Final = "owner"
ADMINISTRATORS: Final = ("owner", "admin")


@dataclass(frozen=True, slots=True)
class OrgMember:
    """Who acts in which organization, and as what."""

    organization_id: UUID
    user_id: UUID
    role: OrgRole
