"""The client: `with Client(url) as client: …`. One thread at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self
from uuid import UUID, uuid4

import httpx

from core.client.errors import JobNotSucceeded, NoAnswer, NotDoneInTime, Refused, Unauthorized, Unavailable, refusal
from core.client.events import read_events
from core.client.models import Job, JobEvent, Ticket
from core.client.transport import IDEMPOTENCY_KEY, Transport, problem_of

LONG_POLL_S: Final = 20
STREAM_SILENCE_S: Final = 40.0
RECONNECT_S: Final = 0.5
BETWEEN_POLLS_S: Final = 0.2
Show = Callable[[Job], None]


class Client:
    """A client of one running API, with a token (an access token or an API key) or after `log_in`.

    All calls raise Refused, in its kinds, with the problem document of the API, and NoAnswer. `patience_s` is how long
    an outage is waited for where a request can be repeated.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        patience_s: float = 60.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._transport = Transport(url, patience_s=patience_s, transport=transport)
        self._refresh_token: str | None = None
        if token:
            self._carry(token)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.http.close()

    def log_in(self, email: str, password: str) -> None:
        """Log in; later calls carry the access token, and exchange it when it has expired."""
        self._take_tokens(self._json("POST", "/auth/login", json={"email": email, "password": password}))

    def get(self, path: str, **query: Any) -> Any:
        """Read a document."""
        return self._json("GET", path, params=_given(query))

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Make something; returns the document of it, None for an empty answer."""
        return self._json("POST", path, json=body)

    def patch(self, path: str, body: Mapping[str, Any], *, etag: str | None = None) -> Any:
        """Change something; with `etag`, only if it is still what that names (else Conflict)."""
        return self._json("PATCH", path, json=body, headers={"If-Match": etag} if etag else {})

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Replace something."""
        return self._json("PUT", path, json=body)

    def delete(self, path: str, **query: Any) -> None:
        """Delete something."""
        self._json("DELETE", path, params=_given(query))

    def items(self, path: str, **query: Any) -> Iterator[Any]:
        """Read a list, page by page, to its end."""
        cursor: str | None = None
        while True:
            page = self.get(path, **(query | {"cursor": cursor}))
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def submit(self, path: str, body: Mapping[str, Any], *, key: str | None = None, wait_s: int = 0) -> Job:
        """Submit work once, however often it has to be sent; return its job, with `wait_s` perhaps done already.

        `key` is the Idempotency-Key, by default a new one for this call: a caller that may itself be ended and begin
        again gives its own.
        """
        headers = {IDEMPOTENCY_KEY: key or str(uuid4())} | ({"Prefer": f"wait={wait_s}"} if wait_s else {})
        return Job.model_validate(self._json("POST", path, json=body, headers=headers))

    def job(self, job_id: UUID | str) -> Job:
        """Read a job."""
        return Job.model_validate(self.get(f"/jobs/{job_id}"))

    def jobs(self, **query: Any) -> Iterator[Job]:
        """Read the jobs of one's workspaces, newest first; filters as `GET /jobs` has them."""
        return (Job.model_validate(one) for one in self.items("/jobs", **query))

    def wait(self, job: Job, *, timeout_s: float | None = None, on_change: Show = lambda _: None) -> Job:
        """Wait until a job is done and return it, whatever it ended with; `on_change` sees each new state of it.

        Raises NotDoneInTime after `timeout_s`.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        tag: str | None = None
        while not job.done:
            left_s = LONG_POLL_S if deadline is None else deadline - time.monotonic()
            if left_s <= 0:
                raise NotDoneInTime(job)
            headers = {"If-None-Match": tag} if tag else {}
            query = {"wait": max(0, min(LONG_POLL_S, int(left_s)))}
            answer = self._send("GET", f"/jobs/{job.id}", params=query, headers=headers)
            if answer.status_code != httpx.codes.NOT_MODIFIED:
                job, tag = Job.model_validate_json(answer.content), answer.headers.get("etag")
                on_change(job)
            if not job.done:
                time.sleep(BETWEEN_POLLS_S)
        return job

    def result(self, job: Job, *, timeout_s: float | None = None, on_change: Show = lambda _: None) -> Job:
        """Wait for a job as `wait` does; raises JobNotSucceeded unless it succeeded."""
        job = self.wait(job, timeout_s=timeout_s, on_change=on_change)
        if not job.succeeded:
            raise JobNotSucceeded(job)
        return job

    def stream(self, job_id: UUID | str, *, after: int = 0) -> Iterator[JobEvent]:
        """Follow a job's events after the one with id `after`, each once, until it is done.

        A stream that breaks off is resumed where it was. Raises NoAnswer, Unavailable where that is not possible for as
        long as the client has patience.
        """
        path = f"/jobs/{job_id}/events"
        ends = time.monotonic() + self._transport.patience_s
        while True:
            try:
                for event in self._events(path, after, max(0.0, ends - time.monotonic())):
                    after, ends = event.id, time.monotonic() + self._transport.patience_s
                    yield event
                    if event.event == "done":
                        return
            except (NoAnswer, Unavailable):
                if time.monotonic() > ends:
                    raise
            time.sleep(RECONNECT_S)

    def cancel(self, job_id: UUID | str) -> Job:
        """Ask for a job's end; what it has done is kept."""
        return Job.model_validate(self.post(f"/jobs/{job_id}/cancel"))

    def retry(self, job_id: UUID | str) -> Job:
        """Run a failed or cancelled job again; what was paid for is not asked again."""
        return Job.model_validate(self.post(f"/jobs/{job_id}/retry"))

    def upload(
        self, path: str, file: IO[bytes], name: str, media_type: str, fields: Mapping[str, str] | None = None
    ) -> Any:
        """Send a file and form fields (multipart); returns the document of what was made of it."""
        return self._json("POST", path, files={"file": (name, file, media_type)}, data=dict(fields or {}))

    def download(self, path: str, to: Path, **query: Any) -> Path:
        """Write what a path answers into a file, piece by piece; the file appears whole or not at all."""
        fresh = to.with_name(f".{to.name}.{uuid4().hex[:8]}")
        try:
            with self._open(path, params=_given(query)) as answer, fresh.open("xb") as out:
                for piece in answer.iter_bytes():
                    out.write(piece)
            fresh.replace(to)
        finally:
            with suppress(FileNotFoundError):
                fresh.unlink()
        return to

    def read_bytes(self, path: str, **query: Any) -> bytes:
        """Read a small file into memory."""
        return self._send("GET", path, params=_given(query)).content

    def ticket(self, path: str) -> Ticket:
        """Return a link to a path of this service for what cannot send headers, such as a browser's EventSource."""
        return Ticket.model_validate(self.post("/tickets", {"path": path}))

    def _events(self, path: str, after: int, patience_s: float) -> Iterator[JobEvent]:
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
        with self._open(path, patience_s=patience_s, headers=headers, timeout=STREAM_SILENCE_S) as answer:
            yield from read_events(answer.iter_lines())

    @contextmanager
    def _open(self, path: str, **options: Any) -> Iterator[httpx.Response]:
        with ExitStack() as opened:
            try:
                answer = opened.enter_context(self._transport.open("GET", path, **options))
            except Unauthorized as error:
                self._refresh(error)
                answer = opened.enter_context(self._transport.open("GET", path, **options))
            yield answer

    def _json(self, method: str, path: str, **options: Any) -> Any:
        answer = self._send(method, path, **options)
        return answer.json() if answer.content else None

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        answer = self._transport.send(method, path, **options)
        if answer.status_code == httpx.codes.UNAUTHORIZED and self._refresh_token and path != "/auth/refresh":
            self._refresh(refusal(f"{method} {path}", answer.status_code, problem_of(answer)))
            answer = self._transport.send(method, path, **options)
        if answer.is_success or answer.status_code == httpx.codes.NOT_MODIFIED:
            return answer
        raise refusal(f"{method} {path}", answer.status_code, problem_of(answer))

    def _refresh(self, refused: Refused) -> None:
        """Exchange the refresh token for new tokens, once; raises `refused` where there is none."""
        spent, self._refresh_token = self._refresh_token, None
        if spent is None:
            raise refused
        self._take_tokens(self._json("POST", "/auth/refresh", json={"refresh_token": spent}))

    def _take_tokens(self, tokens: Mapping[str, Any]) -> None:
        self._refresh_token = tokens["refresh_token"]
        self._carry(tokens["access_token"])

    def _carry(self, token: str) -> None:
        self._transport.http.headers["Authorization"] = f"Bearer {token}"


def _given(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}
