"""Errors of questionnaires."""

from __future__ import annotations

from core.errors import Conflict, NotFound, PreconditionFailed


class QuestionnaireNotFound(NotFound):
    """There is no such questionnaire here."""

    code = "questionnaire_not_found"


class QuestionnaireChanged(PreconditionFailed):
    """This questionnaire has changed since the state that If-Match names."""

    code = "questionnaire_changed"


class SectionNotFound(NotFound):
    """There is no such section in this questionnaire."""

    code = "section_not_found"


class QuestionNotFound(NotFound):
    """There is no such question in this section."""

    code = "question_not_found"


class AnchorSetNotFound(NotFound):
    """There is no such anchor set here."""

    code = "anchor_set_not_found"


class AnchorSetNameTaken(Conflict):
    """Another anchor set of this workspace has this name."""

    code = "anchor_set_name_taken"


class ObjectiveNotAnalyzed(Conflict):
    """The exploration has no analysed research objective to draft questions from."""

    code = "objective_not_analyzed"
