"""Display logic and piping in words for people who read a questionnaire on paper. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.questionnaires.content import Content, Question, Split
from core.questionnaires.logic import Answered, Compared, Condition, Holds, Joined, Not, conditions_of
from core.questionnaires.piping import as_written, each_replaced

SIGNS: Final[Mapping[str, str]] = {
    "==": "is",
    "!=": "is not",
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
}


@dataclass(frozen=True)
class Words:
    """Tells a questionnaire's conditions and texts, its questions called Q1, Q2, … in the order they are asked."""

    numbers: Mapping[str, int]
    questions: Mapping[str, Question]
    splits: Mapping[str, Split]
    conditions: Mapping[str, Condition]

    @classmethod
    def of(cls, content: Content) -> Words:
        """Return the words of a content."""
        questions = {question.key: question for question in content.questions()}
        numbers = {key: number for number, key in enumerate(questions, start=1)}
        splits = {split.key: split for split in content.splits}
        return cls(numbers, questions, splits, conditions_of(content))

    def routing(self, question: Question) -> str | None:
        """Return to whom a question is put, None where it is put to everybody."""
        condition = self.conditions.get(question.key)
        return None if condition is None else self._told(condition)

    def text(self, text: str) -> str:
        """Return a text with what stands for answers and arms said in brackets."""
        return each_replaced(text, self._piped)

    def _piped(self, key: str, instead: str | None) -> str:
        if key in self.splits:
            texts = list(dict.fromkeys(arm.text or (instead or "").strip() for arm in self.splits[key].arms))
            return f"[{key}: {' / '.join(texts)}]"
        if key not in self.questions:
            return as_written(key, instead)
        told = f"answer to {self._name(key)}"
        return f"[{told}]" if instead is None else f"[{told}, or “{instead.strip()}”]"

    def _name(self, key: str) -> str:
        whole, _, part = key.partition(".")
        if whole not in self.numbers:
            return f"the arm of “{key}”"
        if not part:
            return f"Q{self.numbers[whole]}"
        rows = {row.code: self.text(row.label) for row in self.questions[whole].rows}
        return f"“{rows[part]}” of Q{self.numbers[whole]}" if rows else f"place {part} of Q{self.numbers[whole]}"

    def _told(self, condition: Condition, *, inner: bool = False) -> str:
        match condition:
            case Not(part):
                return f"not ({self._told(part)})"
            case Joined(parts, every):
                told = (" and " if every else " or ").join(self._told(part, inner=True) for part in parts)
                return f"({told})" if inner else told
            case Answered(key):
                return f"{self._name(key)} was answered"
            case Holds(key, code, negated):
                return f"{self._name(key)} {'does not include' if negated else 'includes'} {self._value(key, code)}"
            case Compared(key, sign, value) if isinstance(value, tuple):
                listed = " or ".join(self._value(key, one) for one in value)
                return f"{self._name(key)} {'is neither' if sign == 'not in' else 'is'} {listed}"
            case Compared(key, sign, value):
                return f"{self._name(key)} {SIGNS[sign]} {self._value(key, value)}"

    def _value(self, key: str, value: str | float | tuple[str | float, ...]) -> str:
        if isinstance(value, float):
            return f"{value:g}"
        labels = {arm.code: arm.label for arm in self.splits[key].arms} if key in self.splits else {}
        whole = key.partition(".")[0]
        if whole in self.questions:
            labels = {option.code: option.label for option in self.questions[whole].options}
        return f"“{labels.get(str(value), str(value))}” ({value})"
