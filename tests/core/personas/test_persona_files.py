"""Personas as files: what is written is read again the same; what does not fit is named by row and column."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from uuid import UUID

import pytest

from core import clock
from core.errors import Invalid
from core.personas import files
from core.personas.models import Persona, PersonaVersion
from core.personas.schemas import PersonaCreate, PersonaRead

WHOLE: dict[str, Any] = {
    "name": "=Ada",
    "age_range": {"min": 30, "max": 34},
    "family_size": 2,
    "values": ["a; b", "+c", "[d"],
    "hobbies": ["chess", "go"],
    "backstory": 'Line one,\nline "two"; and \'=three.',
    "ocean": dict.fromkeys(("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism"), 50.5),
    "attributes": {"race": "Asian", "children": 2, "car": False, "code": "2", "word": "true", "zip": "007", "@x": "-1"},
    "population_weight": 0.125,
}


def read_of(**traits: Any) -> PersonaRead:
    body = PersonaCreate.model_validate(traits)
    row = Persona(
        id=UUID(int=1), workspace_id=UUID(int=2), exploration_id=UUID(int=3), origin="auto", name=body.name, version=3,
        population_weight=body.population_weight, created_at=clock.now(), updated_at=clock.now(),
    )  # fmt: skip
    profile = body.profile().model_dump(mode="json")
    version = PersonaVersion(
        workspace_id=row.workspace_id, persona_id=row.id, version=3, profile=profile, passage_ids=[], warnings=[]
    )
    return PersonaRead.of(row, version)


@pytest.mark.parametrize("traits", [WHOLE, {"name": "Ben"}])
def test_what_was_exported_is_read_again_the_same(traits: dict[str, Any]) -> None:
    body = PersonaCreate.model_validate(traits)
    found = [read_of(**traits), read_of(name="Cy", attributes={"race": "Black"})]
    for read in (
        files.from_csv(files.as_csv(found).encode()),
        files.from_json(files.as_json(found).encode()),
    ):
        assert read[0].model_dump() == body.model_dump()
        assert read[1].attributes == {"race": "Black"}


def test_no_cell_is_run_by_a_spreadsheet() -> None:
    rows = list(csv.reader(io.StringIO(files.as_csv([read_of(**WHOLE), read_of(name="\t'=x", attributes={"a": "@"})]))))
    assert [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def refused(read: Any) -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(Invalid) as caught:
        read()
    return [(error.loc, error.msg) for error in caught.value.errors]


@pytest.mark.parametrize(
    ("text", "loc"),
    [
        ("name,shoe\nAda,1", ("body", "header", "shoe")),
        ("gender\nFemale", ("body", "header", "name")),
        ("name,name\nAda,Ben", ("body", "header", "name")),
        ("name,age_min,age_max\nAda,30,34\nBen,x,40", ("body", "rows", 3, "age_min")),
        ("name,age_min,age_max\nAda,40,30", ("body", "rows", 2, "age_min")),
        ("name,age_min\nAda,40", ("body", "rows", 2, "age_max")),
        ("name,family_size\nAda,99", ("body", "rows", 2, "family_size")),
        ("name,ocean_openness\nAda,50", ("body", "rows", 2, "ocean_conscientiousness")),
        ("name,gender\n,Female", ("body", "rows", 2, "name")),
        (f"name,a:race\nAda,{'x' * 300}", ("body", "rows", 2, "a:race")),
        ("name\nAda,more", ("body", "rows", 2)),
        ("name\n", ("body", "personas")),
        ("", ("body", "rows")),
        ("name\n" + "Ada\n" * 501, ("body", "personas")),
    ],
)
def test_a_csv_that_does_not_fit_is_refused_by_row_and_column(text: str, loc: tuple[str | int, ...]) -> None:
    assert loc in [one[0] for one in refused(lambda: files.from_csv(text.encode()))]


@pytest.mark.parametrize("text", [b"\xff\xfe", b"name\n\x00", b'name\n"' + b"x" * 200_000])
def test_bytes_that_are_no_table_are_refused(text: bytes) -> None:
    assert refused(lambda: files.from_csv(text))


@pytest.mark.parametrize(
    ("document", "loc"),
    [
        ({"personas": [{"name": "Ada"}, {"name": "Ben", "age_range": {"min": 3}}]},
         ("body", "personas", 1, "age_range", "max")),
        ([{"name": "Ada", "shoe": 1}], ("body", "personas", 0, "shoe")),
        ({"personas": []}, ("body", "personas")),
        ({"personas": [1]}, ("body", "personas")),
        ({}, ("body", "personas")),
    ],
)  # fmt: skip
def test_a_json_that_does_not_fit_is_refused_by_index_and_field(document: Any, loc: tuple[str | int, ...]) -> None:
    assert loc in [one[0] for one in refused(lambda: files.from_json(json.dumps(document).encode()))]


def test_a_file_made_by_hand_needs_a_name_alone_and_takes_semicolons() -> None:
    (ada,) = files.from_csv("\ufeffname;a:race;hobbies\r\nAda;Asian;chess\r\n\r\n".encode())
    assert (ada.name, ada.attributes, ada.hobbies) == ("Ada", {"race": "Asian"}, ["chess"])
