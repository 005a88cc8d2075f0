"""Workflow events of the front-end and what the co-pilot answers to each: one table, no model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from core.errors import FieldError, Invalid
from core.omi.payloads import (
    BackstoryPayload,
    ObjectivePayload,
    Payload,
    PersonaCreatedPayload,
    PersonaPayload,
    PersonaSelectedPayload,
    QuestionPayload,
    RebuttalPayload,
    RespondentsPayload,
    SamplePayload,
    TraitsPayload,
)
from core.omi.schemas import CallToAction, WorkflowReply
from core.omi.stages import OmiState

VISUAL_STATES: Final[Mapping[OmiState, str]] = {
    "idle": "resting",
    "greeting": "waving",
    "listening": "leaning_in",
    "thinking": "pulsing",
    "working": "busy",
    "processing": "spinning",
    "encouraging": "glowing",
    "concerned": "alert",
    "analyzing": "scanning",
    "facilitating": "guiding",
    "creating": "sketching",
    "acknowledging": "nodding",
    "explaining": "presenting",
    "confirming": "checked",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A row of the table: how the co-pilot looks, what it says, what it offers, and which event it expects next."""

    state: OmiState
    message: str
    next_event: str
    cta: tuple[str, str] | None = None
    tips: tuple[str, ...] = ()
    payload: type[Payload] = Payload


_TRAITS_TIP: Final = "Begin with what the objective's audience must have in common."
_QUOTE_TIP: Final = "Name the decision, the audience and the gap in words of your own: the components quote them."
_INTERVAL_TIP: Final = "Read the interval before the percentage."
_SIMULATED_TIP: Final = "Respondents are simulated: every report says so, and by which method."
_START: Final[dict[str, Answer]] = {
    "WORKFLOW_LOADED": Answer(
        "greeting",
        "Welcome. Tell me what you want to find out, and for which decision.",
        "RESEARCH_OBJECTIVE_SUBMITTED",
        ("Write the objective", "open_research_objective"),
        (_QUOTE_TIP,),
    ),
    "USER_TYPING": Answer("listening", "I am listening.", "USER_MESSAGE_SUBMITTED"),
    "USER_MESSAGE_SUBMITTED": Answer("thinking", "Let me think about that.", "USER_TYPING"),
    "RESEARCH_OBJECTIVE_SUBMITTED": Answer(
        "analyzing",
        "I am reading your objective for its ten components.",
        "RESEARCH_OBJECTIVE_CONFIRMED",
        ("See the components", "open_components"),
        ("A component counts as clear when it is quoted from your text.",),
        ObjectivePayload,
    ),
    "RESEARCH_OBJECTIVE_CONFIRMED": Answer(
        "encouraging",
        "The objective stands. Now to the people who are to answer.",
        "PERSONA_WORKFLOW_LOADED",
        ("Build personas", "open_persona_builder"),
        (),
        ObjectivePayload,
    ),
}
_PERSONAS: Final[dict[str, Answer]] = {
    "PERSONA_WORKFLOW_LOADED": Answer(
        "facilitating",
        "Let us build the panel: have personas drawn from targets, or write them by hand.",
        "TRAIT_SELECTION_STARTED",
        ("Generate personas", "generate_personas"),
        ("Targets keep a generated panel close to its population.",),
        PersonaPayload,
    ),
    "PERSONA_SELECTED": Answer(
        "acknowledging",
        "Let us look at this persona: traits, story and what they rest on.",
        "TRAIT_SELECTION_STARTED",
        ("Edit traits", "open_traits"),
        (),
        PersonaSelectedPayload,
    ),
    "TRAIT_SELECTION_STARTED": Answer(
        "listening",
        "Choose the traits; I check them against each other and against the objective.",
        "TRAIT_VALIDATION_RESULT",
        ("Check traits", "validate_traits"),
        (_TRAITS_TIP,),
    ),
    "TRAIT_VALIDATION_RESULT": Answer(
        "confirming",
        "The traits have been checked.",
        "BACKSTORY_STARTED",
        ("Write the backstory", "open_backstory"),
        (),
        TraitsPayload,
    ),
    "BACKSTORY_STARTED": Answer(
        "creating",
        "Which experiences made this person who they are? Write them, or have them written.",
        "BACKSTORY_VALIDATION_RESULT",
        ("Generate the backstory", "generate_backstory"),
        ("Concrete events explain a trait better than adjectives.",),
    ),
    "BACKSTORY_VALIDATION_RESULT": Answer(
        "confirming",
        "The backstory has been checked.",
        "PERSONA_CREATION_STARTED",
        ("Create the persona", "create_persona"),
        (),
        BackstoryPayload,
    ),
    "PERSONA_CREATION_STARTED": Answer("working", "The persona is being put together.", "PERSONA_CREATED"),
    "PERSONA_CREATED": Answer(
        "encouraging",
        "The persona is part of the panel now.",
        "ADD_NEW_PERSONA",
        ("Add another persona", "add_persona"),
        ("Look at the panel: its margins and how distinct its personas are.",),
        PersonaCreatedPayload,
    ),
    "ADD_NEW_PERSONA": Answer(
        "facilitating",
        "Another one: make it differ where the objective expects people to differ.",
        "TRAIT_SELECTION_STARTED",
        ("Choose traits", "open_traits"),
        (_TRAITS_TIP,),
        PersonaPayload,
    ),
    "BUILD_DISCUSSION_GUIDE": Answer(
        "creating",
        "Let us write the discussion guide: open questions, from easy to personal.",
        "REBUTTAL_MODE_SUGGESTED",
        ("Open the guide", "open_discussion_guide"),
        ("Ask for the last time it happened, not for what usually happens.",),
    ),
}
_SURVEY: Final[dict[str, Answer]] = {
    "SAMPLE_SIZE_FOCUS": Answer(
        "explaining",
        "How many respondents? 385 give ±5 points at 95 % for a simple random sample.",
        "SAMPLE_SIZE_ENTERED",
        None,
        ("Subgroups that are read by themselves need a sample each.",),
        SamplePayload,
    ),
    "SAMPLE_SIZE_ENTERED": Answer(
        "analyzing",
        "Let me see what that size is worth.",
        "SAMPLE_SIZE_ACCEPTED",
        ("Accept the sample size", "accept_sample_size"),
        (),
        SamplePayload,
    ),
    "SAMPLE_SIZE_ACCEPTED": Answer(
        "confirming",
        "The sample size is set.",
        "CREATE_QUESTIONNAIRE_CLICKED",
        ("Create the questionnaire", "create_questionnaire"),
        (),
        SamplePayload,
    ),
    "CREATE_QUESTIONNAIRE_CLICKED": Answer(
        "creating",
        "The questionnaire is being written from the objective.",
        "QUESTIONNAIRE_RENDERED",
        None,
        ("Each question should serve a component or a hypothesis.",),
    ),
    "QUESTIONNAIRE_RENDERED": Answer(
        "facilitating",
        "Here is the questionnaire. Read it as a respondent would, and change what reads badly.",
        "ROLLOUT_CLICKED",
        ("Run the survey", "rollout"),
        ("One thing per question; balanced scales; “None of these” where it can be true.",),
        QuestionPayload,
    ),
    "QUESTION_EDITED": Answer(
        "acknowledging",
        "Changed. Does it still ask one thing only?",
        "ROLLOUT_CLICKED",
        ("Check the wording", "lint_questionnaire"),
        (),
        QuestionPayload,
    ),
    "QUESTION_REMOVED": Answer(
        "acknowledging",
        "Removed. Make sure that no hypothesis is left without a question.",
        "ROLLOUT_CLICKED",
        ("Check the wording", "lint_questionnaire"),
        (),
        QuestionPayload,
    ),
    "QUESTION_ADDED": Answer(
        "acknowledging",
        "Added. Say which component or hypothesis it serves.",
        "ROLLOUT_CLICKED",
        ("Check the wording", "lint_questionnaire"),
        (),
        QuestionPayload,
    ),
    "ROLLOUT_CLICKED": Answer(
        "working",
        "The survey is running. You can leave: the work goes on, and nothing is lost.",
        "SURVEY_REPORT_PAGE_LOADED",
        ("Follow the run", "open_job"),
        (_SIMULATED_TIP,),
        SamplePayload,
    ),
}
_RESULTS: Final[dict[str, Answer]] = {
    "INSIGHTS_PAGE_LOADED": Answer(
        "facilitating",
        "Here the answers become findings, each with what it rests on.",
        "INSIGHTS_GENERATION_STARTED",
        ("Generate insights", "generate_insights"),
        (_INTERVAL_TIP,),
        RespondentsPayload,
    ),
    "INSIGHTS_GENERATION_STARTED": Answer("analyzing", "I am reading the recorded answers.", "INSIGHTS_READY"),
    "INSIGHTS_READY": Answer(
        "explaining",
        "The insights are ready. All figures are computed from recorded answers.",
        "INSIGHTS_DOWNLOAD_CLICKED",
        ("Download", "download_insights"),
        ("Challenge what surprises you: a rebuttal asks the personas again.",),
        RespondentsPayload,
    ),
    "INSIGHTS_DOWNLOAD_CLICKED": Answer(
        "confirming",
        "Your download is on its way.",
        "REBUTTAL_MODE_SUGGESTED",
        ("Challenge an answer", "open_rebuttals"),
    ),
    "SURVEY_REPORT_PAGE_LOADED": Answer(
        "processing",
        "The report is put together from the recorded answers.",
        "SURVEY_REPORT_READY",
        None,
        (_SIMULATED_TIP,),
        RespondentsPayload,
    ),
    "SURVEY_REPORT_READY": Answer(
        "explaining",
        "The report is ready: results, intervals, alarms and the method.",
        "SURVEY_REPORT_DOWNLOAD_PDF",
        ("Download the PDF", "download_pdf"),
        (_INTERVAL_TIP,),
        RespondentsPayload,
    ),
    "SURVEY_REPORT_DOWNLOAD_PDF": Answer(
        "confirming",
        "The PDF is on its way.",
        "SURVEY_REPORT_DOWNLOAD_DATA",
        ("Download the data", "download_data"),
    ),
    "SURVEY_REPORT_DOWNLOAD_DATA": Answer(
        "confirming",
        "The data is on its way: one row per respondent, codes as in the questionnaire.",
        "INSIGHTS_PAGE_LOADED",
        ("See the insights", "open_insights"),
        ("Weights are a column of their own; use them.",),
    ),
    "REBUTTAL_MODE_SUGGESTED": Answer(
        "facilitating",
        "Does an answer surprise you? Challenge it: the persona is shown its own answer and replies.",
        "REBUTTAL_PAGE_LOADED",
        ("Open rebuttals", "open_rebuttals"),
    ),
    "REBUTTAL_PAGE_LOADED": Answer(
        "listening",
        "Choose an answer, and say what you hold against it.",
        "REBUTTAL_GENERATION_STARTED",
        ("Challenge", "start_rebuttal"),
        ("A neutral probe beside it shows who gives in to anything.",),
    ),
    "REBUTTAL_GENERATION_STARTED": Answer("working", "The personas think it over.", "REBUTTAL_REPORT_READY"),
    "REBUTTAL_REPORT_READY": Answer(
        "explaining",
        "The replies are in: who held, who moved, and which traits that rests on.",
        "REBUTTAL_DOWNLOAD_PDF",
        ("Download the PDF", "download_rebuttal_pdf"),
        (),
        RebuttalPayload,
    ),
    "REBUTTAL_DOWNLOAD_PDF": Answer(
        "confirming",
        "The PDF is on its way.",
        "INSIGHTS_PAGE_LOADED",
        ("Back to the insights", "open_insights"),
    ),
}
TABLE: Final[Mapping[str, Answer]] = _START | _PERSONAS | _SURVEY | _RESULTS
"""Every workflow event there is, in the order of the work."""


def answer(event: str, payload: Mapping[str, Any]) -> WorkflowReply:
    """Return the co-pilot's answer to an event; raises Invalid naming the event or the member of the payload."""
    row = TABLE.get(event)
    if row is None:
        raise Invalid([FieldError(("body", "event"), f"is no workflow event; there are {', '.join(TABLE)}")])
    shaped = _read(row, payload).shape()
    state = shaped.state or row.state
    cta = shaped.cta or row.cta
    return WorkflowReply(
        message=shaped.message or row.message,
        omi_state=state,
        visual_state=VISUAL_STATES[state],
        cta=CallToAction(label=cta[0], action=cta[1]) if cta else None,
        next_expected_event=shaped.next_event or row.next_event,
        tips=[*row.tips, *shaped.tips],
        warnings=list(shaped.warnings),
    )


def _read(row: Answer, payload: Mapping[str, Any]) -> Payload:
    try:
        return row.payload.model_validate(dict(payload))
    except ValidationError as error:
        raise Invalid(
            [FieldError(("body", "payload", *one["loc"]), str(one["msg"])) for one in error.errors()]
        ) from None
