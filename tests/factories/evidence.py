"""Explorations with evidence, stored without the product around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from core.db import session as db
from core.evidence import service as evidence
from core.evidence.intake import take_text
from core.evidence.schemas import EvidenceRead, EvidenceText
from core.explorations.models import Exploration
from core.jobs.service import Author
from core.orgs.models import Organization
from core.workspaces.access import Member
from core.workspaces.models import Workspace


@dataclass(frozen=True)
class Place:
    """An exploration, and who works in it."""

    member: Member
    exploration_id: UUID

    @property
    def ids(self) -> tuple[UUID, UUID]:
        """The ids of workspace and exploration."""
        return self.member.workspace_id, self.exploration_id

    async def add(self, text: str, **more: Any) -> EvidenceRead:
        """Store a text."""
        return (await self.add_again(text, **more))[0]

    async def add_again(
        self, text: str, *, research_objective_id: UUID | None = None, **details: Any
    ) -> tuple[EvidenceRead, bool]:
        """Store a text and return whether it is new, too."""
        taken = take_text(EvidenceText(text=text, **details))
        async with db.scope([self.member.workspace_id]) as session:
            return await evidence.create_text(
                session, self.member, self.exploration_id, taken, research_objective_id=research_objective_id
            )


async def new_place(workspace_id: UUID | None = None) -> Place:
    """Make an exploration, in a workspace of its own where none is given."""
    async with db.scope(db.SYSTEM) as session:
        if workspace_id is None:
            organization = Organization(name="Test")
            session.add(organization)
            await session.flush()
            workspace = Workspace(organization_id=organization.id, name="Test")
            session.add(workspace)
            await session.flush()
            workspace_id = workspace.id
        exploration = Exploration(workspace_id=workspace_id, title="Mood")
        session.add(exploration)
    return Place(Member(workspace_id, Author("user", uuid4()), "member"), exploration.id)
