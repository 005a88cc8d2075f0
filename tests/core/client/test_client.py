"""The client against answers of every kind, made up and given one after the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.client import client as subject
from core.client import transport
from core.client.client import Client
from core.client.errors import Invalid, JobNotSucceeded, NoAnswer, NotDoneInTime, NotFound, Refused, Unavailable
from core.client.models import Job

Answer = httpx.Response | Exception
DOWN = httpx.ConnectError("refused")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits here."""
    monkeypatch.setattr(transport, "FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(subject, "BETWEEN_POLLS_S", 0)
    monkeypatch.setattr(subject, "RECONNECT_S", 0.001)


def job(**fields: Any) -> dict[str, Any]:
    """A job as the API shows it."""
    usage = {"calls": 0, "input_tokens": 0, "output_tokens": 0}
    shown = {
        "id": str(uuid4()),
        "kind": "x.y",
        "status": "running",
        "done": False,
        "created_at": "2026-01-01T00:00:00Z",
    }
    return shown | {"progress": {"done": 1, "total": 2}, "usage": usage} | fields


def done(**fields: Any) -> dict[str, Any]:
    return job(status="succeeded", done=True) | fields


class Service:
    """Gives prepared answers in turn and keeps what was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, patience_s: float = 5.0) -> Client:
        return Client("http://api", token="t", patience_s=patience_s, transport=httpx.MockTransport(self))


def away() -> httpx.Response:
    return httpx.Response(503, json={"title": "away", "code": "unavailable"}, headers={"Retry-After": "0"})


def test_a_read_outlasts_lost_connections_and_503() -> None:
    service = Service(DOWN, away(), httpx.ReadError("cut"), httpx.Response(200, json={"a": 1}))
    assert service.client().get("/x", q=1, none=None) == {"a": 1}
    assert {str(one.url) for one in service.asked} == {"http://api/x?q=1"}


def test_a_submission_is_sent_again_under_the_same_key() -> None:
    service = Service(httpx.ReadError("cut"), away(), httpx.Response(202, json=job()))
    service.client().submit("/x", {"n": 1})
    keys = {one.headers["Idempotency-Key"] for one in service.asked}
    assert (len(service.asked), len(keys)) == (3, 1)


def test_two_submissions_have_two_keys_unless_one_is_given() -> None:
    service = Service(*(httpx.Response(202, json=job()) for _ in range(3)))
    with service.client() as client:
        for key in (None, None, "mine"):
            client.submit("/x", {}, key=key)
    keys = [one.headers["Idempotency-Key"] for one in service.asked]
    assert len(set(keys)) == 3
    assert keys[2] == "mine"


@pytest.mark.parametrize("trouble", [DOWN, away()])
def test_what_may_have_had_its_effect_is_not_sent_twice(trouble: Answer) -> None:
    service = Service(trouble)
    with pytest.raises((NoAnswer, Unavailable)):
        service.client().post("/x", {})
    assert len(service.asked) == 1


def test_what_was_refused_for_now_is_sent_again() -> None:
    busy = httpx.Response(429, json={"title": "slow down"}, headers={"Retry-After": "0"})
    service = Service(busy, httpx.Response(201, json={"id": 1}))
    assert service.client().post("/x", {}) == {"id": 1}


def test_patience_ends() -> None:
    service = Service(*[DOWN] * 1000)
    with pytest.raises(NoAnswer, match="GET /x: no answer: refused"):
        service.client(patience_s=0.05).get("/x")
    later = Service(httpx.Response(503, json={"title": "away"}, headers={"Retry-After": "3600"}))
    with pytest.raises(Unavailable):
        later.client().get("/x")
    assert len(later.asked) == 1


@pytest.mark.parametrize(("status", "kind"), [(404, NotFound), (422, Invalid), (418, Refused)])
def test_a_refusal_has_its_kind_and_its_words(status: int, kind: type[Refused]) -> None:
    problem = {"title": "Wrong", "detail": "no", "code": "c", "errors": [{"loc": ["body", "n"], "msg": "too big"}]}
    with pytest.raises(kind) as raised:
        Service(httpx.Response(status, json=problem)).client().post("/plans", {})
    assert str(raised.value) == "POST /plans: Wrong: no\n  body.n: too big"
    assert (raised.value.status, raised.value.code) == (status, "c")


def test_an_answer_that_is_no_problem_document_is_told_too() -> None:
    with pytest.raises(Refused, match="HTTP 502: <html>bad gateway"):
        Service(httpx.Response(502, text="<html>bad gateway")).client().get("/x")


def test_a_list_is_read_to_its_end() -> None:
    pages = [{"items": [1, 2], "next_cursor": "c"}, {"items": [3], "next_cursor": None}]
    service = Service(*(httpx.Response(200, json=page) for page in pages))
    assert list(service.client().items("/things", limit=2)) == [1, 2, 3]
    assert [one.url.params.get("cursor") for one in service.asked] == [None, "c"]


def test_a_job_is_waited_for_by_its_etag() -> None:
    service = Service(
        httpx.Response(200, json=job(), headers={"ETag": '"1"'}), httpx.Response(304), httpx.Response(200, json=done())
    )
    shown: list[str] = []
    ended = service.client().wait(Job.model_validate(job()), on_change=lambda one: shown.append(one.status))
    assert (ended.succeeded, shown) == (True, ["running", "succeeded"])
    assert [one.headers.get("if-none-match") for one in service.asked] == [None, '"1"', '"1"']


def test_a_waiter_gives_up_in_time() -> None:
    service = Service(httpx.Response(200, json=job()))
    with pytest.raises(NotDoneInTime, match=r"x\.y .* is still running"):
        service.client().wait(Job.model_validate(job()), timeout_s=0)


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_a_job_that_did_not_succeed_is_an_error(status: str) -> None:
    problem = {"title": "Job failed", "detail": "No quota left."} if status == "failed" else None
    expected = "No quota left" if problem else "the job was cancelled"
    ended = Job.model_validate(done(status=status, error=problem))
    with pytest.raises(JobNotSucceeded, match=expected) as raised:
        Service().client().result(ended)
    assert raised.value.job is ended


class Stream(httpx.SyncByteStream):
    """A body that may break off."""

    def __init__(self, text: str, *, breaks: bool = False) -> None:
        self.text = text
        self.breaks = breaks

    def __iter__(self) -> Iterator[bytes]:
        yield self.text.encode()
        if self.breaks:
            raise httpx.ReadError("cut")


def told(*events: tuple[int, str]) -> str:
    return ": ping\r\n\r\n" + "".join(
        f"id: {n}\r\nevent: {e}\r\ndata: {json.dumps({'n': n})}\r\n\r\n" for n, e in events
    )


def test_a_stream_that_breaks_off_is_resumed_where_it_was() -> None:
    service = Service(
        httpx.Response(200, stream=Stream(told((1, "status"), (2, "progress")) + "id: 3\r\nevent: prog", breaks=True)),
        DOWN,
        away(),
        httpx.Response(200, stream=Stream(told((3, "progress")))),
        httpx.Response(200, stream=Stream(told((4, "done")))),
    )
    events = list(service.client().stream(uuid4()))
    assert [(one.id, one.event, one.data) for one in events] == [
        (1, "status", {"n": 1}),
        (2, "progress", {"n": 2}),
        (3, "progress", {"n": 3}),
        (4, "done", {"n": 4}),
    ]
    assert [one.headers["Last-Event-ID"] for one in service.asked] == ["0", "2", "2", "2", "3"]


def test_a_stream_that_is_refused_ends() -> None:
    with pytest.raises(NotFound):
        list(Service(httpx.Response(404, json={"title": "Not found"})).client().stream(uuid4()))


def test_an_expired_token_is_exchanged_once() -> None:
    tokens = {"access_token": "a1", "refresh_token": "r1"}
    expired = httpx.Response(401, json={"title": "Unauthorized", "code": "invalid_token"})
    service = Service(
        httpx.Response(200, json=tokens),
        expired,
        httpx.Response(200, json={"access_token": "a2", "refresh_token": "r2"}),
        httpx.Response(200, json=[]),
    )
    with service.client() as client:
        client.log_in("a@example.org", "secret")
        assert client.get("/x") == []
    assert json.loads(service.asked[2].content) == {"refresh_token": "r1"}
    assert [one.headers["Authorization"] for one in service.asked] == [
        "Bearer t",
        "Bearer a1",
        "Bearer a1",
        "Bearer a2",
    ]


def test_a_session_that_is_over_is_said() -> None:
    over = {"title": "Unauthorized", "code": "session_revoked"}
    refusals = [httpx.Response(401, json=over), httpx.Response(401, json=over)]
    service = Service(httpx.Response(200, json={"access_token": "a", "refresh_token": "r"}), *refusals)
    with service.client() as client:
        client.log_in("a@example.org", "secret")
        with pytest.raises(Refused) as raised:
            client.get("/x")
    assert (raised.value.code, len(service.asked)) == ("session_revoked", 3)


def test_a_download_appears_whole(tmp_path: Path) -> None:
    service = Service(httpx.Response(200, stream=Stream("a,b\r\n1,2\r\n")))
    path = service.client().download("/file", tmp_path / "data.csv")
    assert path.read_bytes() == b"a,b\r\n1,2\r\n"


def test_a_download_outlasts_what_passes_and_an_expired_token(tmp_path: Path) -> None:
    service = Service(
        httpx.Response(200, json={"access_token": "a1", "refresh_token": "r1"}),
        DOWN,
        away(),
        httpx.Response(401, json={"title": "Unauthorized", "code": "invalid_token"}),
        httpx.Response(200, json={"access_token": "a2", "refresh_token": "r2"}),
        httpx.Response(200, stream=Stream("whole")),
    )
    with service.client() as client:
        client.log_in("a@example.org", "secret")
        assert client.download("/file", tmp_path / "data.csv").read_text() == "whole"
    assert service.asked[-1].headers["Authorization"] == "Bearer a2"


def test_a_stream_is_given_up_when_patience_ends() -> None:
    service = Service(*[DOWN] * 1000)
    with pytest.raises(NoAnswer):
        list(service.client(patience_s=0.05).stream(uuid4()))


@pytest.mark.parametrize(
    "make", [lambda: httpx.Response(200, stream=Stream("half", breaks=True)), lambda: httpx.Response(404, json={})]
)
def test_or_not_at_all(tmp_path: Path, make: Callable[[], httpx.Response]) -> None:
    with pytest.raises((NoAnswer, NotFound)):
        Service(make()).client().download("/file", tmp_path / "data.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_sent_with_its_name_and_fields() -> None:
    service = Service(httpx.Response(201, json={"id": 1}))
    with Path(__file__).open("rb") as file:
        assert service.client().upload("/evidence", file, "notes.txt", "text/plain", {"title": "Notes"}) == {"id": 1}
    [asked] = service.asked
    assert asked.headers["content-type"].startswith("multipart/form-data")
    assert b'filename="notes.txt"' in asked.content
    assert b'name="title"\r\n\r\nNotes' in asked.content
