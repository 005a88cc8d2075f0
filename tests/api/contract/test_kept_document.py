"""docs/openapi.json is what the API says of itself, breaks no client, and is written the same each time."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from api import examples
from api.contract import __main__ as contract
from api.contract.breaking import broken
from core.webhooks.body import SUBJECTS, TEST
from core.webhooks.schemas import TOLD

Json = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Json:
    """The document of the application as it is."""
    return contract.document()


@pytest.fixture(scope="module")
def operations(document: Json) -> dict[str, Json]:
    """Operation id → operation."""
    return {one["operationId"]: one for path in document["paths"].values() for one in path.values()}


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the document that a test may change."""
    copy = tmp_path / "openapi.json"
    copy.write_text(contract.FILE.read_text())
    monkeypatch.setattr(contract, "FILE", copy)
    return copy


def test_nothing_breaks_clients_of_the_kept_document(document: Json) -> None:
    assert broken(json.loads(contract.FILE.read_text()), document) == []


def test_a_change_is_seen_and_written(elsewhere: Path) -> None:
    kept = elsewhere.read_text()
    assert contract.main(["--check"]) == 0
    elsewhere.write_text(kept.replace('"List jobs"', '"Jobs"'))
    assert contract.main(["--check"]) == 1
    assert contract.main([]) == 0
    assert elsewhere.read_text() == kept


def test_what_breaks_clients_is_written_only_when_it_is_meant(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = elsewhere.read_text()
    older = json.loads(kept)
    older["paths"]["/gone"] = {"get": {"operationId": "gone", "responses": {}}}
    elsewhere.write_text(contract.text_of(older))
    assert contract.main([]) == 1
    assert "breaks clients: GET /gone is gone" in capsys.readouterr().err
    assert contract.main(["--break"]) == 0
    assert elsewhere.read_text() == kept


def test_the_document_names_no_host() -> None:
    text = contract.FILE.read_text()
    assert "servers" not in json.loads(text)
    assert "localhost" not in text


def test_every_tag_says_what_it_is_about(document: Json, operations: dict[str, Json]) -> None:
    used = {tag for operation in operations.values() for tag in operation["tags"]}
    assert used == set(examples.TAGS)
    assert [one["name"] for one in document["tags"]] == list(examples.TAGS)


def test_summaries_tell_operations_apart(operations: dict[str, Json]) -> None:
    assert len({one["summary"] for one in operations.values()}) == len(operations)
    assert [name for name, one in operations.items() if not one.get("description")] == []


def test_every_parameter_says_what_it_is(operations: dict[str, Json]) -> None:
    parameters = [(name, one) for name, operation in operations.items() for one in operation.get("parameters", ())]
    assert [(name, one["name"]) for name, one in parameters if not one.get("description")] == []


def test_every_json_body_has_an_example(operations: dict[str, Json]) -> None:
    """In REQUESTS of api/examples.py."""
    taken = {name: one["requestBody"]["content"] for name, one in operations.items() if "requestBody" in one}
    json_ = {name: content["application/json"] for name, content in taken.items() if "application/json" in content}
    assert [name for name, content in json_.items() if "example" not in content] == []


@pytest.mark.parametrize("path", SUBJECTS.values())
def test_a_subject_that_receivers_are_led_to_can_be_read(document: Json, path: str) -> None:
    readable = {re.sub(r"{\w+}", "{}", one) for one, methods in document["paths"].items() if "get" in methods}
    assert re.sub(r"{\w+}", "{}", path) in readable


def test_a_generated_client_sends_no_change_that_was_not_named(document: Json, operations: dict[str, Json]) -> None:
    for name in ("update_persona", "update_questionnaire", "update_exploration", "update_webhook"):
        reference = operations[name]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        members = document["components"]["schemas"][reference.rpartition("/")[2]]["properties"]
        assert {member: one["default"] for member, one in members.items() if one.get("default") is not None} == {}


def test_what_receivers_are_sent_is_told(document: Json) -> None:
    told = document["webhooks"]
    assert set(told) == {*TOLD, TEST}
    types = document["components"]["schemas"]["WebhookEvent"]["properties"]["type"]["enum"]
    assert set(types) == set(told)
    for one in told.values():
        content = one["post"]["requestBody"]["content"]["application/json"]
        assert content["schema"] == {"$ref": "#/components/schemas/WebhookEvent"}


@pytest.mark.parametrize("name", examples.REQUESTS)
def test_an_example_of_a_request_fits_its_schema(document: Json, operations: dict[str, Json], name: str) -> None:
    content = operations[name]["requestBody"]["content"]["application/json"]
    jsonschema_rs.validate(content["schema"] | {"components": document["components"]}, content["example"])


@pytest.mark.parametrize(("name", "status"), examples.ANSWERS)
def test_an_example_of_an_answer_fits_its_schema(
    document: Json, operations: dict[str, Json], name: str, status: int
) -> None:
    content = operations[name]["responses"][str(status)]["content"]["application/json"]
    jsonschema_rs.validate(content["schema"] | {"components": document["components"]}, content["example"])


def test_the_example_of_a_problem_fits_its_schema(document: Json) -> None:
    content = document["components"]["responses"]["Invalid"]["content"]["application/problem+json"]
    jsonschema_rs.validate(content["schema"] | {"components": document["components"]}, content["example"])


def test_what_takes_tickets_says_so(operations: dict[str, Json]) -> None:
    takes = {name for name, one in operations.items() if {"ticket": []} in one.get("security", [])}
    assert {"follow_job", "export_simulation", "download_report", "download_workspace_export"} <= takes
    assert "create_ticket" not in takes


def test_bounds_are_in_the_words_of_json_schema(document: Json) -> None:
    seed = document["components"]["schemas"]["SimulationCreate"]["properties"]["seed"]["anyOf"][0]
    assert (seed["minimum"], seed["maximum"], "ge" in seed) == (0, 2**31 - 1, False)
