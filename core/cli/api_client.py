"""What a command says to the API over HTTP: requests, problems as errors, jobs followed to their end."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx

Job = dict[str, Any]
LONG_POLL_S = 20
TIMEOUT_S = 30.0
PAUSE_S = 0.2
TRIES = 20


class ApiFailed(RuntimeError):
    """The API refused a request, or a job failed; the message shows the problem document."""

    @classmethod
    def from_problem(cls, what: str, problem: dict[str, Any]) -> Self:
        """Build from a problem document: title and detail, then a line per wrong field."""
        lines = [f"{what}: {problem.get('title', 'failed')}: {problem.get('detail', '')}".rstrip(": ")]
        return cls("\n".join([*lines, *map(_line, problem.get("errors") or [])]))


class Api:
    """A client of one running API; use as a context manager."""

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(base_url=url, timeout=TIMEOUT_S + LONG_POLL_S, trust_env=False, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def log_in(self, email: str, password: str) -> None:
        """Log in; all later requests carry the token."""
        tokens = self.post("/auth/login", {"email": email, "password": password})
        self._client.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def get(self, path: str) -> Any:
        """Read a resource."""
        return self._send("GET", path).json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Make a resource or submit a job."""
        return self._send("POST", path, body).json()

    def download(self, path: str) -> bytes:
        """Read a file."""
        return self._send("GET", path).content

    def follow(self, job: Job, on_change: Callable[[Job], None]) -> Job:
        """Long-poll a job until it is done; raises ApiFailed when it did not succeed."""
        path, tag = f"/jobs/{job['id']}", None
        while not job["done"]:
            answer = self._send("GET", f"{path}?wait={LONG_POLL_S}", tag=tag)
            if answer.status_code != httpx.codes.NOT_MODIFIED:
                job, tag = answer.json(), answer.headers.get("etag")
                on_change(job)
            if not job["done"]:
                time.sleep(PAUSE_S)
        if job["status"] != "succeeded":
            problem = job["error"] or {"title": f"the job was {job['status']}"}
            raise ApiFailed.from_problem(f"{job['kind']} {job['id']}", problem)
        return job

    def _send(
        self, method: str, path: str, body: dict[str, Any] | None = None, tag: str | None = None
    ) -> httpx.Response:
        """Send a request; a read that gets a 503 is sent again for a while."""
        headers = {"If-None-Match": tag} if tag else {}
        for left in reversed(range(TRIES if method == "GET" else 1)):
            try:
                answer = self._client.request(method, path, json=body, headers=headers)
            except httpx.HTTPError as error:
                raise ApiFailed(f"{method} {path}: no answer: {str(error) or type(error).__name__}") from error
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or not left:
                break
            time.sleep(min(float(answer.headers.get("retry-after", 1)), 5.0))
        if answer.is_success or answer.status_code == httpx.codes.NOT_MODIFIED:
            return answer
        raise ApiFailed.from_problem(f"{method} {path}", _problem(answer))


def _line(error: dict[str, Any]) -> str:
    return f"  {'.'.join(str(part) for part in error.get('loc', []))}: {error.get('msg', '')}"


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    if isinstance(problem, dict):
        return problem
    return {"title": f"HTTP {answer.status_code}", "detail": answer.text[:300]}
