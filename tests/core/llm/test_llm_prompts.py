"""Prompts: one spelling per input, delimiters that data cannot forge, strict schemas."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from core.llm.contract import answer_key, wire_seed
from core.llm.prompts import Prompt, canonical_json, fingerprint
from core.llm.schema import SchemaUnsupported, strict_schema_of
from tests.core.llm.examples import CHOICE, QUESTION, WORD, Question, Word


def test_data_stands_between_delimiters_it_cannot_forge() -> None:
    system, user = WORD.messages(QUESTION)
    assert system == {"role": "system", "content": "Say a word."}
    lines = user["content"].split("\n")
    assert (lines[0], lines[-1], len(lines)) == ("<data>", "</data>", 3)
    assert "\\u003c/data\\u003e" in lines[1]
    assert not set("<>&") & set(lines[1])
    assert json.loads(lines[1]) == QUESTION.model_dump()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [1.0, 2.5]}, '{"a":[1,2.5],"b":1}'),
        (0.1 + 0.2, "0.3"),
        (-0.0, "0"),
        (1e300, "1e+300"),
        ("é", '"é"'),
        ((True, None), "[true,null]"),
    ],
)
def test_each_value_has_one_spelling(value: Any, text: str) -> None:
    assert canonical_json(value) == text


def test_numbers_without_json_are_refused() -> None:
    with pytest.raises(ValueError, match="NaN"):
        canonical_json({"a": float("nan")})


def test_the_input_hash_follows_name_version_and_input() -> None:
    newer = Prompt(name="word", version=2, system="Say a word.", input=Question, output=Word)
    hashes = {
        WORD.input_hash(QUESTION),
        newer.input_hash(QUESTION),
        CHOICE.input_hash(QUESTION),
        WORD.input_hash(Question(text="another")),
    }
    assert len(hashes) == 4
    assert WORD.input_hash(Question(text="a", weight=1)) == WORD.input_hash(Question(weight=1.0, text="a"))
    assert all(len(digest) == 64 for digest in hashes)


def test_the_hash_of_an_input_never_changes() -> None:
    pinned = "89d9e00dbdc764f5583a694f0a1f1a5da75ff21586333eb41d404739bb56ce8f"
    assert WORD.input_hash(QUESTION) == pinned


def test_the_fingerprint_shows_a_changed_text_or_schema() -> None:
    def with_text(system: str, output: type[BaseModel] = Word) -> str:
        prompt = Prompt(name="word", version=1, system=system, input=Question, output=output)
        return fingerprint(prompt, QUESTION)

    class Other(BaseModel):
        word: str

    assert with_text("Say a word.") == with_text("Say a word.")
    assert len({with_text("Say a word."), with_text("Say words."), with_text("Say a word.", Other)}) == 3
    assert fingerprint(CHOICE, QUESTION) != fingerprint(CHOICE, Question(text="a", options=["x"]))


@pytest.mark.parametrize(("name", "version"), [("no spaces", 1), ("", 1), ("word", 0)])
def test_a_prompt_has_a_plain_name_and_a_version(name: str, version: int) -> None:
    with pytest.raises(ValueError, match="name"):
        Prompt(name=name, version=version, system="", input=Question, output=Word)


def test_everything_that_decides_an_answer_is_in_its_key() -> None:
    base = ("m", "p", 1, "h", 7, 0)
    others = [("n", "p", 1, "h", 7, 0), ("m", "q", 1, "h", 7, 0), ("m", "p", 2, "h", 7, 0)]
    others += [("m", "p", 1, "i", 7, 0), ("m", "p", 1, "h", 8, 0), ("m", "p", 1, "h", 7, 1)]
    keys = {answer_key(*parts) for parts in [base, *others]}
    assert len(keys) == 7
    assert answer_key(*base) == answer_key(*base)


def test_seeds_sent_differ_by_draw_and_fit_31_bits() -> None:
    seeds = [wire_seed(2**62, draw) for draw in range(1, 50)]
    assert len(set(seeds)) == 49
    assert max(seeds) < 2**31
    assert wire_seed(5, 0) == 5


class Tone(StrEnum):
    warm = "warm"
    cold = "cold"


class Inner(BaseModel):
    tone: Tone
    kind: Literal["a", "b"] = "a"


class Outer(BaseModel):
    """A described thing."""

    inner: Inner = Field(description="beside a reference")
    maybe: int | None = None
    words: list[str] = Field(min_length=1, max_length=3)
    name: str = Field(min_length=1, max_length=9, title="Name")


def test_schemas_are_strict() -> None:
    schema = strict_schema_of(Outer)
    assert schema["required"] == ["inner", "maybe", "words", "name"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["inner"] == {"$ref": "#/$defs/Inner"}
    assert schema["properties"]["maybe"] == {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    assert schema["properties"]["words"] == {
        "type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3,
    }  # fmt: skip
    assert schema["properties"]["name"] == {"type": "string"}
    inner = schema["$defs"]["Inner"]
    assert inner["required"] == ["tone", "kind"]
    assert inner["additionalProperties"] is False
    assert schema["$defs"]["Tone"] == {"type": "string", "enum": ["warm", "cold"]}


class FreeKeys(BaseModel):
    shares: dict[str, float]


class Pair(BaseModel):
    pair: tuple[int, str]


@pytest.mark.parametrize("model", [FreeKeys, Pair])
def test_what_strict_schemas_cannot_say_is_refused(model: type[BaseModel]) -> None:
    with pytest.raises(SchemaUnsupported):
        strict_schema_of(model)
