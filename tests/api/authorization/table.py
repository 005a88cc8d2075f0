"""The whole authorization matrix: the rows of all areas."""

from __future__ import annotations

from typing import Final

from tests.api.authorization import (
    rows_of_accounts,
    rows_of_administration,
    rows_of_omi,
    rows_of_organizations,
    rows_of_research,
    rows_of_webhooks,
)
from tests.api.authorization.rows import Rows

AREAS: Final = (
    rows_of_accounts.SERVICE,
    rows_of_accounts.AUTH,
    rows_of_accounts.WORKSPACES,
    rows_of_accounts.API_KEYS,
    rows_of_accounts.TICKETS,
    rows_of_organizations.ORGANIZATIONS,
    rows_of_organizations.MEMBERS,
    rows_of_organizations.INVITATIONS,
    rows_of_research.EXPLORATIONS,
    rows_of_research.OBJECTIVES,
    rows_of_research.EVIDENCE,
    rows_of_research.PERSONAS,
    rows_of_research.QUESTIONNAIRES,
    rows_of_research.SECTIONS,
    rows_of_research.ANCHOR_SETS,
    rows_of_research.SIMULATIONS,
    rows_of_research.SEGMENTS,
    rows_of_research.THEMES,
    rows_of_research.REPORTS,
    rows_of_research.JOBS,
    rows_of_omi.OMI,
    rows_of_administration.ADMIN,
    rows_of_administration.AUDIT,
    rows_of_webhooks.WEBHOOKS,
)
ROWS: Final[Rows] = {name: row for area in AREAS for name, row in area.items()}
