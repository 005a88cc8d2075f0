"""What the model says: a handler per known prompt, a filler for any other schema, chat for the rest."""

import json
import logging
from collections.abc import Callable
from typing import Any

from core.embedded.offline_model import (
    chat,
    citing,
    drafting,
    objective,
    omi,
    opinions,
    optional,
    persona,
    portraits,
    questionnaire,
    recall,
    survey,
    theming,
    trait_checks,
    traits,
)
from core.embedded.offline_model.generic import Filler
from core.embedded.offline_model.prompt_data import read
from core.embedded.offline_model.protocol import ChatRequest, ProtocolError
from core.embedded.offline_model.seeding import Draws

log = logging.getLogger(__name__)

Handler = Callable[[dict[str, Any], int], dict[str, Any]]


def _statements(data: dict[str, Any], seed: int) -> dict[str, Any]:
    person = survey.respondent_of(data)
    silent = optional.left_out(data, person.identity, seed)
    readings = [reading for reading in survey.questions_of(data) if reading.key not in silent]
    said = opinions.statements(readings, person, traits.outlook(person), recall.earlier(data), seed)
    return {"statements": dict.fromkeys(silent) | said["statements"]}


HANDLERS: dict[str, Handler] = {
    "objective_analysis": objective.take_apart,
    "omi_chat": omi.chat,
    "omi_guidance": omi.guidance,
    "omi_validate": omi.validate,
    "mini_ipip": questionnaire.answer,
    "persona_backstory": portraits.backstory,
    "persona_preview": portraits.preview,
    "persona_prose": persona.write,
    "persona_evidence": citing.findings,
    "persona_trait_verdicts": trait_checks.verdicts,
    "questionnaire_draft": drafting.draft,
    "theme_codebook": theming.codebook,
    "theme_codes": theming.codes,
    "survey_direct": survey.direct,
    "survey_statements": _statements,
    "survey_distribution": survey.distribution,
}


def compose(asked: ChatRequest, choice: int = 0) -> str:
    """Return the content of a reply; raises ProtocolError where the prompt cannot be answered at all."""
    seed = asked.seed + 1_000_003 * choice
    if asked.schema_name is None:
        return chat.reply(asked.user, seed)
    try:
        value = _structured(asked, asked.schema_name, seed)
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        log.warning("the prompt %s could not be answered: %s", asked.schema_name[:80], type(error).__name__)
        raise ProtocolError(400, "The prompt or its schema could not be answered.", param="messages") from None


def _structured(asked: ChatRequest, name: str, seed: int) -> Any:
    filler = Filler(asked.schema, Draws("fill", name, asked.system, asked.user, seed))
    handler = HANDLERS.get(name)
    if handler is None:
        return filler.fill(asked.schema)
    return filler.conform(handler(read(asked.user), seed), asked.schema)
