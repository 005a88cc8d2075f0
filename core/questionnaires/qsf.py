"""A questionnaire as a Qualtrics survey file: blocks, flow and questions in one JSON document. Pure.

The format has no public specification; this follows the files that Qualtrics itself exports. What the file cannot hold
is told in its description, for who imports it.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from core.questionnaires.content import Content, Option, Question, Split
from core.questionnaires.logic import Condition, conditions_of
from core.questionnaires.piping import as_written, each_replaced
from core.questionnaires.qsf_logic import CHOSEN, Asked, NotInQsf, asked_of, display_logic
from core.questionnaires.reading import names_in

Element = dict[str, Any]
NEVER: Final = "0000-00-00 00:00:00"
LONGEST_DESCRIPTION: Final = 99
WHOLE: Final = re.compile(r"-?[0-9]{1,9}")
SHAPES: Final[Mapping[str, tuple[str, str, str | None]]] = {
    "single_choice": ("MC", "SAVR", "TX"),
    "multiple_choice": ("MC", "MAVR", "TX"),
    "likert": ("MC", "SAHR", "TX"),
    "nps": ("MC", "NPS", None),
    "numeric": ("TE", "SL", None),
    "open_ended": ("TE", "ML", None),
    "matrix": ("Matrix", "Likert", "SingleAnswer"),
    "ranking": ("RO", "DND", "TX"),
    "max_diff": ("Matrix", "MaxDiff", None),
}
OPTIONS: Final = {
    "BackButton": "false",
    "SaveAndContinue": "true",
    "SurveyProtection": "PublicSurvey",
    "BallotBoxStuffingPrevention": "false",
    "NoIndex": "Yes",
    "SecureResponseFiles": "true",
    "SurveyExpiration": "None",
    "SurveyTermination": "DefaultMessage",
    "Header": "",
    "Footer": "",
    "ProgressBarDisplay": "None",
    "PartialData": "+1 week",
    "ValidationMessage": "",
    "PreviousButton": "",
    "NextButton": "",
    "NewScoring": 1,
}
SCORING: Final[Element] = {
    "ScoringCategories": [],
    "ScoringCategoryGroups": [],
    "ScoringSummaryCategory": None,
    "ScoringSummaryAfterQuestions": 0,
    "ScoringSummaryAfterSurvey": 0,
    "DefaultScoringCategory": None,
    "AutoScoringCategory": None,
}


def survey_file(id_: UUID, title: str, language: str, changed_at: datetime, content: Content) -> bytes:
    """Return the .qsf file of a questionnaire."""
    return json.dumps(_Survey(id_, content).document(title, language, changed_at), ensure_ascii=False).encode()


class _Survey:
    """Builds one file, noting on the way what it cannot hold."""

    def __init__(self, id_: UUID, content: Content) -> None:
        self.id = f"SV_{id_.hex[-15:]}"
        self.content = content
        self.asked = {one.key: asked_of(one, f"QID{n}") for n, one in enumerate(content.questions(), start=1)}
        self.blocks = {section.id: f"BL_{section.id.hex[-15:]}" for section in content.sections}
        self.conditions: dict[str, Condition] = conditions_of(content)
        self.splits = {split.key: split for split in content.splits}
        self.notes: list[str] = []

    def document(self, title: str, language: str, changed_at: datetime) -> Element:
        elements = [
            self.element("BL", "Survey Blocks", payload=self.block_list()),
            self.element("FL", "Survey Flow", payload=self.flow()),
            self.element("SO", "Survey Options", payload=OPTIONS),
            self.element("SCO", "Scoring", payload=SCORING),
            self.element("PROJ", "CORE", None, "1.1.0", {"ProjectCategory": "CORE", "SchemaVersion": "1.1.0"}),
            self.element("STAT", "Survey Statistics", payload={"MobileCompatible": True, "ID": "Survey Statistics"}),
            self.element("QC", "Survey Question Count", str(len(self.asked))),
            self.element("RS", f"RS_{self.id[3:]}", "Default Response Set"),
            *self.questions(),
        ]
        return {"SurveyEntry": self.entry(title, language, changed_at), "SurveyElements": elements}

    def entry(self, title: str, language: str, changed_at: datetime) -> Element:
        notes = " ".join(["Made by Synthetic People.", *dict.fromkeys(self.notes)])
        at = changed_at.strftime("%Y-%m-%d %H:%M:%S")
        return {
            "SurveyID": self.id,
            "SurveyName": title,
            "SurveyDescription": notes,
            "SurveyOwnerID": "UR_000000000000000",
            "SurveyBrandID": "",
            "DivisionID": None,
            "SurveyLanguage": language.upper(),
            "SurveyActiveResponseSet": f"RS_{self.id[3:]}",
            "SurveyStatus": "Inactive",
            "SurveyStartDate": NEVER,
            "SurveyExpirationDate": NEVER,
            "SurveyCreationDate": at,
            "CreatorID": "UR_000000000000000",
            "LastModified": at,
            "LastAccessed": NEVER,
            "LastActivated": NEVER,
            "Deleted": None,
        }

    def element(
        self, kind: str, first: str, second: str | None = None, third: str | None = None, payload: Any = None
    ) -> Element:
        return {
            "SurveyID": self.id,
            "Element": kind,
            "PrimaryAttribute": first,
            "SecondaryAttribute": second,
            "TertiaryAttribute": third,
            "Payload": payload,
        }

    def block_list(self) -> list[Element]:
        blocks = [
            {
                "Type": "Standard" if number else "Default",
                "SubType": "",
                "Description": section.title,
                "ID": self.blocks[section.id],
                "BlockElements": [
                    {"Type": "Question", "QuestionID": self.asked[one.key].id} for one in section.questions
                ],
            }
            for number, section in enumerate(self.content.sections)
        ]
        return [*blocks, {"Type": "Trash", "Description": "Trash / Unused Questions", "ID": f"BL_{self.id[3:]}"}]

    def flow(self) -> Element:
        ids = (f"FL_{number}" for number in range(2, 1_000_000))
        parts = [self.lot(split, ids) for split in self.content.splits]
        for number, block in enumerate(self.blocks.values()):
            parts.append({"Type": "Standard" if number else "Block", "ID": block, "FlowID": next(ids), "Autofill": []})
        count = int(next(ids).removeprefix("FL_")) - 1
        return {"Type": "Root", "FlowID": "FL_1", "Flow": parts, "Properties": {"Count": count}}

    def lot(self, split: Split, ids: Iterator[str]) -> Element:
        """Return the part of the flow that puts a respondent in an arm, as embedded data."""
        if len({round(arm.share, 6) for arm in split.arms}) > 1:
            self.notes.append(f"The arms of {split.key} have equal shares here.")
        randomizer: Element = {"Type": "BlockRandomizer", "FlowID": next(ids), "SubSet": 1, "EvenPresentation": True}
        arms = []
        for arm in split.arms:
            fields = {split.key: arm.code, f"{split.key}_text": arm.text or ""}
            arms.append(
                {
                    "Type": "EmbeddedData",
                    "FlowID": next(ids),
                    "EmbeddedData": [
                        {
                            "Description": name,
                            "Type": "Custom",
                            "Field": name,
                            "VariableType": "String",
                            "DataVisibility": [],
                            "AnalyzeText": False,
                            "Value": _plain(value),
                        }
                        for name, value in fields.items()
                    ],
                }
            )
        return randomizer | {"Flow": arms}

    def questions(self) -> Iterator[Element]:
        for section in self.content.sections:
            earlier: set[str] = set()
            for question in section.questions:
                payload = self.payload(question)
                if question.key in self.conditions:
                    self.add_logic(payload, question, in_page=bool(earlier & names_in(question.show_if or "")))
                id_ = self.asked[question.key].id
                yield self.element("SQ", id_, question.text[:LONGEST_DESCRIPTION], None, payload)
                earlier.add(question.key)

    def add_logic(self, payload: Element, question: Question, *, in_page: bool) -> None:
        try:
            logic = display_logic(self.conditions[question.key], self.asked, in_page=in_page)
        except NotInQsf:
            self.notes.append(f"{question.key} is put to everybody here instead of where {question.show_if}.")
        else:
            payload["InPageDisplayLogic" if in_page else "DisplayLogic"] = logic

    def payload(self, question: Question) -> Element:
        kind, selector, sub = SHAPES[question.type]
        made: Element = {
            "QuestionText": self.words(question.text),
            "DefaultChoices": False,
            "DataExportTag": question.key,
            "QuestionType": kind,
            "Selector": selector,
            **({"SubSelector": sub} if sub else {}),
            "Configuration": {"QuestionDescriptionOption": "UseText"},
            "QuestionDescription": question.text[:LONGEST_DESCRIPTION],
            "Validation": {"Settings": _validation(question)},
            "GradingData": [],
            "Language": [],
            "NextChoiceId": max(len(question.options), len(question.rows)) + 1,
            "NextAnswerId": 1,
            "QuestionID": self.asked[question.key].id,
        }
        if kind == "Matrix":
            return made | self.matrix(question)
        return made | (self.choices(question) if question.options else {})

    def choices(self, question: Question) -> Element:
        asked = self.asked[question.key]
        shown: dict[str, Element] = {asked.choices[one.code]: self.choice(one) for one in question.options}
        made: Element = {"Choices": shown, "ChoiceOrder": list(shown)}
        if question.type == "nps":
            ends = question.scale.labels if question.scale else ()
            labels = [{"Display": _plain(end), "IsLabelDefault": False} for end in ends]
            return made | {"Choices": list(shown.values()), "ColumnLabels": labels}
        made |= _coded(asked)
        if question.randomise and question.type != "likert":
            made["Randomization"] = _random(question, asked)
        return made

    def matrix(self, question: Question) -> Element:
        """Return rows and columns of a matrix; of a best-worst question items, and worst and best."""
        columns = self.asked[question.key].choices
        answers: dict[str, Element] = {
            columns[one.code]: {"Display": self.words(one.label)} for one in question.options
        }
        rows: dict[str, Element] = {
            str(n): {"Display": self.words(row.label)} for n, row in enumerate(question.rows, start=1)
        }
        made: Element = {"ChoiceDataExportTags": False}
        if question.type == "max_diff":
            self.notes.append(f"{question.key} shows all its items at once here, not set by set.")
            rows = {id_: item | {"ExclusiveAnswer": True} for id_, item in answers.items()}
            answers = {n: {"Display": end, "ExclusiveAnswer": True} for n, end in (("1", "Worst"), ("2", "Best"))}
            made["VariableNaming"] = {id_: code for code, id_ in columns.items()}
        else:
            made |= _coded(self.asked[question.key])
        return made | {
            "Choices": rows,
            "ChoiceOrder": list(rows),
            "Answers": answers,
            "AnswerOrder": list(answers),
            "NextChoiceId": len(rows) + 1,
            "NextAnswerId": len(answers) + 1,
        }

    def choice(self, option: Option) -> Element:
        shown: Element = {"Display": self.words(option.label)}
        return shown | {"ExclusiveAnswer": True} if option.exclusive else shown

    def words(self, text: str) -> str:
        """Return a text as the file has it, markup escaped, with what is piped in as it names it."""
        pieces = re.split(r"(\{\{[^{}]*\}\})", text)
        return "".join(
            each_replaced(piece, self.piped) if number % 2 else _plain(piece) for number, piece in enumerate(pieces)
        )

    def piped(self, key: str, instead: str | None) -> str:
        if key in self.splits:
            return f"${{e://Field/{key}_text}}"
        if key not in self.asked:
            return _plain(as_written(key, instead))
        if instead is not None:
            self.notes.append(f"Nothing stands here for an answer to {key} that was not given.")
        asked = self.asked[key]
        if asked.kind not in CHOSEN | {"numeric", "open_ended"}:
            self.notes.append(f"What an answer to {key} is called has to be set by hand.")
        entered = asked.kind in ("numeric", "open_ended")
        return f"${{q://{asked.id}/{'ChoiceTextEntryValue' if entered else 'ChoiceGroup/SelectedChoices'}}}"


def _plain(text: str) -> str:
    """Return a text in which nothing is markup or piped."""
    return html.escape(text, quote=False).replace("${", "$&#123;").replace("\n", "<br>")


def _validation(question: Question) -> Element:
    force = "ON" if question.required else "OFF"
    made: Element = {"ForceResponse": force, "ForceResponseType": force, "Type": "None"}
    if question.type != "numeric":
        return made
    low, high = (question.scale.min, question.scale.max) if question.scale else (None, None)
    bounds = {"Min": "" if low is None else f"{low:g}", "Max": "" if high is None else f"{high:g}", "NumDecimals": ""}
    return made | {"Type": "ContentType", "ContentType": "ValidNumber", "ValidNumber": bounds}


def _coded(asked: Asked) -> Element:
    """Return what keeps our codes: as numbers where all are whole numbers, else as names."""
    named = {id_: code for code, id_ in asked.choices.items()}
    whole = all(WHOLE.fullmatch(code) for code in asked.choices)
    return {"RecodeValues" if whole else "VariableNaming": named}


def _random(question: Question, asked: Asked) -> Element:
    pinned = [asked.choices[one.code] for one in question.options if one.pinned]
    if not pinned:
        return {"Advanced": None, "TotalRandSubset": "", "Type": "All"}
    free: Sequence[str] = [asked.choices[one.code] for one in question.options if not one.pinned]
    advanced = {
        "FixedOrder": [*["{~Randomized~}"] * len(free), *pinned],
        "RandomizeAll": list(free),
        "RandomSubSet": [],
        "Undisplayed": [],
        "TotalRandSubset": 0,
        "QuestionsPerPage": 0,
    }
    return {"Advanced": advanced, "TotalRandSubset": "", "Type": "Advanced"}
