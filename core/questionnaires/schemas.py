"""Shapes of questionnaires over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from core.db.numbers import Whole, number_only
from core.db.text import ShortText, Text, VisibleText, readable
from core.questionnaires.content import QUESTION_TYPES, Content, QuestionType, Section, Split
from core.questionnaires.models import Questionnaire, QuestionnaireVersion

MAX_SECTIONS: Final = 100
MAX_QUESTIONS: Final = 500
MAX_OPTIONS: Final = 100
MAX_SCALE_LABELS: Final = 100
MAX_SET_SIZE: Final = 10
MAX_SETS: Final = 60
MAX_SPLITS: Final = 8
MAX_ARMS: Final = 20
LARGEST_NUMBER: Final = 1e12
LintCode = Literal[
    "double_barrelled",
    "leading",
    "double_negative",
    "unbalanced_scale",
    "missing_none",
    "overlapping_ranges",
    "gap_in_ranges",
    "long_text",
]
LONGEST_CONDITION: Final = 1000

Number = Annotated[
    float, Field(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER, allow_inf_nan=False), BeforeValidator(number_only)
]
Flag = Annotated[bool, Field(strict=True)]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.\-]{1,64}$", description="1–64 of A–Z a–z 0–9 _ . -")]
Key = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$",
        description="A letter, then letters, digits and _; at most 64",
    ),
]
Language = Annotated[
    str, Field(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="A BCP 47 tag")
]


def _known_type(value: Any) -> Any:
    if value not in QUESTION_TYPES:
        listed = ", ".join(QUESTION_TYPES)
        raise PydanticCustomError("question_type", "must be one of {types}", {"types": listed})
    return value


def _labelled(value: Any) -> Any:
    return {"label": value} if isinstance(value, str) else value


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OptionInput(_Input):
    """An option; without a code it gets its number in the list, from 1."""

    code: Code | None = None
    label: VisibleText
    exclusive: Flag = False
    pinned: Flag = False
    score: Number | None = None


class ScaleInput(_Input):
    """A scale: the points of a likert question, or the bounds of a number."""

    min: Number | None = None
    max: Number | None = None
    labels: list[VisibleText] = Field(default_factory=list, max_length=MAX_SCALE_LABELS)


class RowInput(_Input):
    """A row of a matrix; without a code it gets its number in the list, from 1."""

    code: Code | None = None
    label: VisibleText
    pinned: Flag = False


class SetsInput(_Input):
    """The sets of a max_diff question: `count` of them, with `size` options each."""

    size: Whole | None = Field(default=None, ge=2, le=MAX_SET_SIZE, description="By default 2 to 5, by the options")
    count: Whole | None = Field(default=None, ge=1, le=MAX_SETS, description="By default each option is shown thrice")


class ServesInput(_Input):
    """What a question is asked for."""

    component: ShortText | None = None
    hypothesis: Text | None = None
    theme: ShortText | None = None


KnownType = Annotated[QuestionType, BeforeValidator(_known_type, json_schema_input_type=QuestionType)]
QuestionText = Annotated[Text, Field(min_length=1), AfterValidator(readable)]


class QuestionInput(_Input):
    """A question. `id` keeps it the same through an update; its place in the list is its position."""

    id: UUID | None = None
    key: Key | None = None
    type: KnownType
    text: QuestionText
    required: Flag = True
    position: Whole | None = Field(default=None, ge=0, description="Ignored: the order of the list decides")
    options: list[Annotated[OptionInput, BeforeValidator(_labelled, json_schema_input_type=OptionInput | str)]] = Field(
        default_factory=list, max_length=MAX_OPTIONS
    )
    scale: ScaleInput | None = None
    rows: list[Annotated[RowInput, BeforeValidator(_labelled, json_schema_input_type=RowInput | str)]] = Field(
        default_factory=list, max_length=MAX_OPTIONS
    )
    sets: SetsInput | None = None
    rank_top: Whole | None = Field(
        default=None, ge=1, le=MAX_OPTIONS, description="How many options of a ranking are ranked; all by default"
    )
    randomise: Flag = False
    show_if: Annotated[Text, Field(min_length=1, max_length=LONGEST_CONDITION)] | None = Field(
        default=None,
        description='An expression over earlier answers, by key, such as `owns_car == "1" and (km >= 50 or'
        ' "3" in uses)`; the question is put to those for whom it holds.',
        examples=['owns_car == "1" and km >= 50'],
    )
    feeds: bool | None = Field(default=None, description="Ignored: what later questions read decides")
    splits: list[str] | None = Field(default=None, description="Ignored: what the question reads decides")
    anchor_set_id: UUID | None = Field(
        default=None,
        description="An anchor set of the workspace, with as many points, for statements rated by similarity.",
    )
    serves: ServesInput | None = None


class ArmInput(_Input):
    """An arm of a split ballot; without a code it gets its number in the list, from 1.

    `share` (0–1, all summing to 1) is given for all arms or for none, who then are alike. `text` is what `{{key}}`
    stands for in questions and options; respondents never see code or label.
    """

    code: Code | None = None
    label: VisibleText
    share: Annotated[Number, Field(gt=0, lt=1)] | None = None
    text: Annotated[Text, Field(min_length=1), AfterValidator(readable)] | None = None


class SplitInput(_Input):
    """A split ballot: each respondent is put in one of its arms by lot; `key` is used like that of a question."""

    key: Key
    arms: list[ArmInput] = Field(min_length=2, max_length=MAX_ARMS)


class SectionInput(_Input):
    """Questions asked together."""

    id: UUID | None = None
    title: VisibleText
    position: Whole | None = Field(default=None, ge=0, description="Ignored: the order of the list decides")
    questions: list[QuestionInput] = Field(default_factory=list, max_length=MAX_QUESTIONS)


Position = Annotated[
    Whole | None, Field(ge=0, description="Where it is put, counted from 0; by default at the end, or where it stands")
]


class SectionCreate(SectionInput):
    """A section to put in; its questions may come later."""

    position: Position = None


class SectionUpdate(_Input):
    """What to change of a section; `questions` replaces all of them, `position` moves the section."""

    id: UUID | None = Field(default=None, description="The one in the path, if any")
    title: VisibleText = Field(default_factory=str)
    position: Position = None
    questions: list[QuestionInput] = Field(default_factory=list, max_length=MAX_QUESTIONS)


class QuestionCreate(QuestionInput):
    """A question to put in."""

    position: Position = None


class QuestionUpdate(QuestionInput):
    """What to change of a question, `position` moves it; what is not given stays."""

    id: UUID | None = Field(default=None, description="The one in the path, if any")
    key: Key = Field(default_factory=str)
    type: KnownType = Field(default_factory=lambda: QUESTION_TYPES[0])
    text: QuestionText = Field(default_factory=str)
    position: Position = None


class SectionOrder(_Input):
    """A section and its questions in order, by id."""

    id: UUID
    questions: list[UUID] = Field(default_factory=list, max_length=MAX_QUESTIONS)


class Reorder(_Input):
    """All sections and all questions, each once; a question may go to another section."""

    sections: list[SectionOrder] = Field(min_length=1, max_length=MAX_SECTIONS)


class QuestionnaireCreate(_Input):
    """A whole questionnaire in one body."""

    title: VisibleText
    language: Language = "en"
    sections: list[SectionInput] = Field(min_length=1, max_length=MAX_SECTIONS)
    splits: list[SplitInput] = Field(default_factory=list, max_length=MAX_SPLITS)


class QuestionnaireUpdate(_Input):
    """What to change; `sections` replaces all sections, `splits` all splits, and a new version is made."""

    title: VisibleText = Field(default_factory=str)
    language: Language = Field(default_factory=str)
    sections: list[SectionInput] = Field(default_factory=list, min_length=1, max_length=MAX_SECTIONS)
    splits: list[SplitInput] = Field(default_factory=list, max_length=MAX_SPLITS)


class QuestionnaireSummary(BaseModel):
    """A questionnaire in a list, without its content."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    exploration_id: UUID
    title: str
    language: str
    version: int
    question_count: int
    created_at: datetime
    updated_at: datetime


class QuestionnaireRead(QuestionnaireSummary):
    """A questionnaire with its sections, questions and split ballots."""

    sections: tuple[Section, ...]
    splits: tuple[Split, ...]

    @classmethod
    def of(cls, row: Questionnaire) -> QuestionnaireRead:
        """Build from a row."""
        summary = QuestionnaireSummary.model_validate(row).model_dump()
        content = Content.model_validate(row.content)
        return cls(**summary, sections=content.sections, splits=content.splits)


class QuestionnaireDuplicate(_Input):
    """What a copy is called; "… (copy)" where nothing is said."""

    title: VisibleText | None = None


class QuestionnaireVersionRead(BaseModel):
    """What a questionnaire was in one version."""

    version: int
    title: str
    language: str
    sections: tuple[Section, ...]
    splits: tuple[Split, ...]
    created_at: datetime

    @classmethod
    def of(cls, row: QuestionnaireVersion) -> QuestionnaireVersionRead:
        """Build from a row."""
        content = Content.model_validate(row.content)
        return cls(
            version=row.version,
            title=row.title,
            language=row.language,
            sections=content.sections,
            splits=content.splits,
            created_at=row.created_at,
        )


class LintFinding(BaseModel):
    """One objection: `section` and `question` count from 0, `field` is the question's member it is about."""

    model_config = ConfigDict(from_attributes=True)

    code: LintCode
    section: int
    question: int
    key: str
    field: str
    message: str
    suggestion: str


class LintRead(BaseModel):
    """What is to be said against a questionnaire; advice, for which nothing is refused."""

    findings: list[LintFinding]


class QuestionnaireSnapshot(BaseModel):
    """One version of a questionnaire as a simulation runs it."""

    model_config = ConfigDict(frozen=True)

    questionnaire_id: UUID
    exploration_id: UUID
    version: int
    title: str
    language: str
    content: Content
