"""Questionnaires in running text: numbered questions with their answers below them, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from core.questionnaires.uploads import batteries, kinds
from core.questionnaires.uploads.drafts import Draft, DraftQuestion, Line
from core.questionnaires.uploads.table import settle

LONGEST_HEADING: Final = 200
_Q: Final = re.compile(r"(?i)^(?:question\s+|q\s*\.?\s*)(\d{1,3}[a-z]?)\s*(?:[.):\-–]|\s(?=\S))\s*(?=\S)")
_NUMBERED: Final = re.compile(r"^\(?(\d{1,3})([.):])\s*(?=\S)(?!\d)")
_CODED: Final = re.compile(r"^(\d{1,3})\s*(=)\s*(?=\S)")
_LETTERED: Final = re.compile(r"^\(?([A-Za-z])([.)])\s+(?=\S)")
_BULLET: Final = re.compile(r"^(?:[-*+•◦▪‣·●○□☐☑❏❑–—]|o(?=\s)|\(\s{0,3}\)|\[\s{0,3}\]|_{1,4}(?=\s))\s*(?=\S)")
_SECTION: Final = re.compile(
    r"(?i)^(?:#{1,6}\s+|\[section:\s*|(?=(?:section|part|block)\s+[\dA-Z]{1,4}\b))(\S.*?)\]?\s*#*$"
)
_LETTER: Final = re.compile(r"(?i)^(?:section|part|block)\s+[\dA-Z]{1,4}\s*[:.–-]\s*(?=\S)")
"""What stands before a section's title; where there is no title, it is one."""
_RULE: Final = re.compile(r"^[=\-*~]{3,}$")
_TITLE: Final = re.compile(r"(?i)^title\s*:\s*(\S.*)$")
_HINT: Final = re.compile(r"\[([^\[\]]{1,300})\]|\(([^()]{1,200})\)")
_SHOW: Final = re.compile(r"(?i)^(?:show[ _]if|display if)\s*:?\s*(\S.*)$")
_SAID_LOGIC: Final = re.compile(r"(?i)\b(?:if (?:yes|no|q\d)|go to|skip to|ask if)\b")
_PAPER: Final = re.compile(r"^(.*\.) \[([A-Za-z]\w{0,63})((?: · [^\]]*)?)\]$")
"""What stands below a question in documents that `paper` writes."""
_BLANK: Final = re.compile(r"^[_.…\s/]{3,}$")
_TYPE_LINE: Final = re.compile(r"(?i)^type\s*:\s*(\S.*)$")


@dataclass(slots=True)
class _Open:
    """The question being read; `mark` is how its number is written."""

    line: Line
    text: str
    mark: str
    number: int
    options: list[Line] = field(default_factory=list)
    hints: list[tuple[str, str]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    points: list[dict[str, Any]] = field(default_factory=list)
    blank: bool = False

    @property
    def is_matrix(self) -> bool:
        """Tell whether an instruction says that each row has an answer."""
        return any("matrix" in (kinds.named(hint), kinds.said_in(hint)) for _, hint in self.hints)


def lines_of(text: str) -> Iterator[Line]:
    """Return the lines of a plain text; tabs count as four blanks."""
    for number, raw in enumerate(text.splitlines(), start=1):
        wide = raw.expandtabs(4)
        if wide.strip():
            yield Line(f"line {number}", wide.strip(), indent=len(wide) - len(wide.lstrip()))


def read_prose(lines: Sequence[Line]) -> Draft:
    """Return the questionnaire of a text; what cannot be read are problems of the draft."""
    reader = _Reader(prefixed=any(_Q.match(line.text) for line in lines))
    for at, line in enumerate(lines):
        reader.read(line, lines[at + 1] if at + 1 < len(lines) else None)
    reader.end()
    return reader.draft


@dataclass(slots=True)
class _Reader:
    """Reads line by line; `prefixed` texts number their questions Q1, Q2 …, so that bare numbers are options."""

    prefixed: bool
    draft: Draft = field(default_factory=Draft)
    section: str = "Questions"
    open: _Open | None = None
    begun: bool = False

    def read(self, line: Line, after: Line | None) -> None:
        if _RULE.match(line.text):
            return
        if line.kind == "title" or _TITLE.match(line.text):
            self.draft.title = self.draft.title or _TITLE.sub(r"\1", line.text)
        elif (heading := self.heading(line, after)) is not None:
            self.end()
            self.section = heading[:LONGEST_HEADING]
        elif (question := self.question(line)) is not None:
            self.end()
            self.open, self.begun = question, True
        elif (option := self.option(line)) is not None:
            self.take(option)
        else:
            self.plain(line)

    def heading(self, line: Line, after: Line | None) -> str | None:
        if line.kind == "heading":
            return re.sub(r"^\d{1,2}\.\s+", "", line.text)
        if found := _SECTION.match(line.text):
            return _LETTER.sub("", found[1])
        underlined = after is not None and _RULE.match(after.text) and "?" not in line.text and line.kind == "plain"
        loud = line.text.isupper() and len(line.text.split()) > 1 and len(line.text) <= 80 and not _marked(line.text)
        if not (underlined or loud) or "?" in line.text:
            return None
        if not self.begun and not self.draft.title:
            self.draft.title = line.text
            return self.section
        return line.text

    def question(self, line: Line) -> _Open | None:
        if found := _Q.match(line.text):
            return _Open(line, line.text[found.end() :], "q", 0)
        if line.kind == "number":
            return None if self.prefixed or line.indent else _Open(line, line.text, "list", 0)
        found = _NUMBERED.match(line.text)
        if found is None or self.prefixed:
            return None
        number, mark, text = int(found[1]), found[2], line.text[found.end() :]
        if self.open is not None and self.is_option(number, mark, line, text):
            return None
        return _Open(line, text, mark, number)

    def is_option(self, number: int, mark: str, line: Line, text: str) -> bool:
        """Tell whether a numbered line is an answer to the open question, and not the next question."""
        assert self.open is not None
        if line.indent > self.open.line.indent:
            return True
        asks = _hints(text)[0].endswith(("?", ":"))
        if asks and number == self.open.number + 1:
            return False
        if self.open.mark not in (mark, "list"):
            return True
        if asks:
            return False
        numbered = [one for one in self.open.options if one.kind == "number"]
        return number == len(numbered) + 1 and number != self.open.number + 1

    def option(self, line: Line) -> Line | None:
        if line.kind in ("letter", "bullet", "number"):
            return line
        for kind, pattern in (("number", _CODED), ("number", _NUMBERED), ("letter", _LETTERED), ("bullet", _BULLET)):
            if found := pattern.match(line.text):
                mark = found[1] if found.lastindex else ""
                text = line.text[found.end() :]
                return Line(line.place, text, "number" if kind == "number" else "bullet", mark, line.indent)
        return None

    def take(self, option: Line) -> None:
        if self.open is None:
            self.draft.problem(option.place, "is an answer before any question")
        elif option.text.endswith("?") and option.kind == "bullet" and not option.indent and self.open.options:
            self.draft.problem(option.place, "looks like a question among answers; number it")
        else:
            self.open.options.append(option)

    def plain(self, line: Line) -> None:
        """Take what has no mark: title, hint, answers in one line, an answer in a line of its own, or more words."""
        if self.open is None:
            self.before(line)
        elif self.instruction(line) or self.cell(line):
            return
        elif len(parts := [one.strip() for one in re.split(r"\s+[/|]\s+", line.text) if one.strip()]) > 1:
            self.listed(line, parts)
        elif self.open.mark == "bare" or self.open.options:
            self.unmarked(line)
        elif kinds.said_in(line.text) or kinds.scale(line.text):
            self.open.hints.append((line.place, line.text))
        elif self.open.text.rstrip().endswith(("?", ":")):
            self.unmarked(line)
        else:
            self.open.text += f" {line.text}"

    def before(self, line: Line) -> None:
        """Take a line without a mark that stands below no question."""
        if line.text.endswith("?"):
            self.open, self.begun = _Open(line, line.text, "bare", 0), True
        elif not self.begun and not self.draft.title:
            self.draft.title = line.text[:LONGEST_HEADING]
        else:
            self.draft.note(line.place, "belongs to no question and is passed over")

    def instruction(self, line: Line) -> bool:
        """Take a line that says how the open question is to be answered; tell whether it was one."""
        assert self.open is not None
        if _BLANK.match(line.text):
            self.open.blank = True
        elif paper := _PAPER.match(line.text):
            self.open.hints += [(line.place, paper[1]), (line.place, f"key: {paper[2]}"), (line.place, paper[3])]
        elif re.match(r"(?i)ask if ", line.text):
            self.draft.note(line.place, f"“{line.text[:60]}” is not made into display logic; write [show if: …]")
        elif (show := _SHOW.match(line.text)) or _TYPE_LINE.match(line.text):
            self.open.hints.append((line.place, line.text if show else _TYPE_LINE.sub(r"\1", line.text)))
        elif line.text[0] in "[(" and line.text[-1] in ")]":
            self.open.hints += [(line.place, one[1] or one[2]) for one in _HINT.finditer(line.text)]
        else:
            return False
        return True

    def cell(self, line: Line) -> bool:
        """Take a row of a matrix, or the points above its rows, each with its code; tell whether it was one."""
        assert self.open is not None
        if (rows := batteries.rows_in(line.text)) is not None:
            self.open.rows = rows
            self.open.hints.append((line.place, "matrix"))
            return True
        if not self.open.is_matrix:
            return False
        parts = re.split(r"\s+/\s+", line.text)
        points = None if self.open.points or len(parts) == 1 else batteries.points_in(parts)
        row = batteries.coded(line.text)
        if points is not None:
            self.open.points = points
        elif row is not None:
            self.open.rows.append(row)
        return points is not None or row is not None

    def listed(self, line: Line, parts: Sequence[str]) -> None:
        """Take answers in one line; numbers below as many answers are their codes."""
        assert self.open is not None
        options = self.open.options
        if len(options) == len(parts) and all(re.fullmatch(r"-?\d+", one) for one in parts):
            self.open.options = [Line(o.place, o.text, "number", n) for o, n in zip(options, parts, strict=True)]
        else:
            options += [Line(line.place, one, "bullet") for one in parts]

    def unmarked(self, line: Line) -> None:
        assert self.open is not None
        if line.text.endswith("?"):
            self.end()
            self.open = _Open(line, line.text, "bare", 0)
        elif kinds.said_in(line.text):
            self.open.hints.append((line.place, line.text))
        else:
            self.open.options.append(Line(line.place, line.text, "bullet"))
            self.draft.note(line.place, "has no mark; read as an answer to the question above")

    def end(self) -> None:
        """Put the open question into the draft."""
        if self.open is None:
            return
        one, self.open = self.open, None
        body: dict[str, Any] = {}
        kind: str | None = None
        scale: dict[str, Any] | None = None
        text, inline = _hints(one.text)
        for place, hint in [*((one.line.place, hint) for hint in inline), *one.hints]:
            kind = self.hint(place, hint, body) or kind
            scale = scale or kinds.scale(hint)
        scale = scale or kinds.scale_in(text)
        body["text"] = text
        body |= {"rows": one.rows} if one.rows else {}
        options = one.points or [_option(line) for line in one.options]
        labels = [option["label"] for option in options]
        if kind is None:
            kind, why = ("open_ended", "there is a blank to write in") if one.blank and not options else ("", "")
        if not kind:
            bounds = (scale["min"], scale["max"]) if scale else None
            kind, why = kinds.guess(one.text + " " + " ".join(hint for _, hint in one.hints), labels, bounds)
            self.draft.note(one.line.place, f"read as {kind}: {why}")
        if kind == "likert" and options and scale is not None and len(options) == 2:
            scale, options = {**scale, "labels": labels}, []
        if options and scale is not None and kind in ("single_choice", "multiple_choice", "likert"):
            scale = None
        settle(self.draft, one.line.place, body, kind, options, scale)
        question = DraftQuestion(one.line.place, body, [line.place for line in one.options])
        self.draft.section(self.section).questions.append(question)

    def hint(self, place: str, hint: str, body: dict[str, Any]) -> str | None:
        """Take an instruction such as "select all that apply", "optional", "key: age"; return the type it names."""
        kind: str | None = None
        if show := _SHOW.match(hint.strip()):
            body["show_if"] = show[1]
            return None
        body |= batteries.told_of(hint)
        for part in re.split(r"\s*[,;·]\s*", hint):
            low = part.lower().strip()
            if low in ("optional", "not required", "may be left out"):
                body["required"] = False
            elif re.match(r"randomi[sz]e|shuffle|answers in random order", low):
                body["randomise"] = True
            elif found := re.match(r"(?:key|id|variable)\s*:\s*(\S+)$", part.strip(), re.IGNORECASE):
                body["key"] = found[1]
            elif _SAID_LOGIC.search(low):
                self.draft.note(place, f"“{part[:60]}” is not made into display logic; write [show if: …]")
            else:
                kind = kinds.named(re.sub(r"^type\s*:\s*", "", low)) or kinds.said_in(low) or kind
        return kind


def _hints(text: str) -> tuple[str, list[str]]:
    """Return a question's words without the instructions in brackets, and those."""
    found: list[str] = []

    def taken(match: re.Match[str]) -> str:
        hint = match[1] or match[2]
        known = kinds.named(hint) or kinds.said_in(hint) or kinds.scale(hint) or match[1]
        if not (known or re.search(r"(?i)^(?:optional|randomi[sz]ed?|key:|show if)", hint)):
            return match[0]
        found.append(hint)
        return " "

    left = " ".join(_HINT.sub(taken, text).split())
    return (re.sub(r"\s+([?.!:,])", r"\1", left) or text.strip()), found


def _option(line: Line) -> dict[str, Any]:
    made = kinds.option(line.text)
    if line.kind == "number" and line.mark and "code" not in made:
        return {"code": line.mark, **made}
    return made


def _marked(text: str) -> bool:
    return any(one.match(text) for one in (_Q, _NUMBERED, _LETTERED, _BULLET))
