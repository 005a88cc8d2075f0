"""Errors of evidence.

DomainError
├── NotFound
│   └── EvidenceNotFound          it is not in this exploration
└── Conflict
    ├── EvidenceOfAnotherObjective   the same file is attached elsewhere
    └── EvidenceHasLaterJob          a job that is retried was followed by another
"""

from __future__ import annotations

from core.errors import Conflict, NotFound


class EvidenceNotFound(NotFound):
    """There is no such evidence in this exploration."""

    code = "evidence_not_found"


class EvidenceOfAnotherObjective(Conflict):
    """This evidence is attached to another research objective of the exploration."""

    code = "evidence_of_another_objective"


class EvidenceHasLaterJob(Conflict):
    """This file was uploaded again since; a later job extracts it."""

    code = "evidence_has_later_job"
