"""Clients that keep a service busy: they submit, cancel and retry, and ask again when they got no answer."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx

from tests.fixtures.system import Study

CLIENTS: Final = 6
PATIENCE_S: Final = 5.0
PAUSE_S: Final = 0.3
KINDS: Final = ("simulation", "simulation", "simulation", "personas", "personas", "report")


@dataclass(slots=True)
class Accepted:
    """A job the service answered 202 for: its size, and what its owner did to it."""

    job_id: str
    kind: str
    size: int
    cancelled: bool = False
    retried: bool = False


@dataclass(slots=True)
class Load:
    """Clients of one study and what they were told."""

    study: Study
    rng: random.Random
    accepted: list[Accepted] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    unanswered: int = 0
    doubled: list[str] = field(default_factory=list)
    _over: bool = False
    _reportable: list[str] = field(default_factory=list)

    async def run(self, seconds: float) -> None:
        """Be busy for so long, then see every request that is under way through."""
        async with self._http() as http:
            clients = [asyncio.create_task(self._client(http, number)) for number in range(CLIENTS)]
            await asyncio.sleep(seconds)
            self._over = True
            await asyncio.gather(*clients)

    def _http(self) -> httpx.AsyncClient:
        client = self.study.system.client
        headers = {"Authorization": client.headers["Authorization"]}
        return httpx.AsyncClient(base_url=client.base_url, headers=headers, timeout=PATIENCE_S)

    async def _client(self, http: httpx.AsyncClient, number: int) -> None:
        rng = random.Random(self.rng.randrange(2**31) + number)
        while not self._over:
            job = await self._submit(http, rng)
            if rng.random() < 0.15:
                await self._change_mind(http, job, rng)
            await self._await_end(http, job)

    async def _submit(self, http: httpx.AsyncClient, rng: random.Random) -> Accepted:
        kind = rng.choice(KINDS)
        if kind == "report" and not self._reportable:
            kind = "personas"
        size, path, body = self._request(kind, rng)
        key = str(uuid4())
        answer = await self._ask(http, path, body, key)
        job = Accepted(answer["id"], kind, size)
        self.accepted.append(job)
        if rng.random() < 0.3:  # a client that lost the answer asks once more
            again = await self._ask(http, path, body, key)
            if again["id"] != job.job_id:
                self.doubled.append(job.job_id)
        return job

    def _request(self, kind: str, rng: random.Random) -> tuple[int, str, dict[str, Any]]:
        seed = rng.randrange(2**31)
        if kind == "personas":
            return 1, "/personas/auto-generate", {"count": 1, "seed": seed}
        if kind == "report":
            simulation_id = rng.choice(self._reportable)
            return 1, "/reports", {"kind": "survey", "formats": ["pdf"], "simulation_id": simulation_id}
        size = rng.randint(4, 48)  # one to three shards
        body = {
            "questionnaire_id": self.study.questionnaire_id,
            "persona_ids": self.study.persona_ids,
            "sample_size": size,
            "seed": seed,
            "method": "direct",
        }
        return size, "/simulations", body

    async def _ask(self, http: httpx.AsyncClient, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Send a request until it is answered, with the same key."""
        while True:
            answer = await self._send(http, "POST", self.study.base + path, json=body, headers={"Idempotency-Key": key})
            if answer is not None and answer.status_code in (200, 202):
                document: dict[str, Any] = answer.json()
                return document
            if answer is not None and answer.status_code not in (409, 503):
                raise AssertionError(f"{path}: {answer.status_code} {answer.text}")
            await asyncio.sleep(PAUSE_S)

    async def _change_mind(self, http: httpx.AsyncClient, job: Accepted, rng: random.Random) -> None:
        """Cancel a job under way; half of the time, want it after all."""
        await asyncio.sleep(rng.uniform(0, 1))
        await self._insist(http, f"/jobs/{job.job_id}/cancel")
        job.cancelled = True
        if rng.random() < 0.5:
            await self._await_end(http, job)
            await self._insist(http, f"/jobs/{job.job_id}/retry")
            job.retried = True

    async def _insist(self, http: httpx.AsyncClient, path: str) -> None:
        """Ask until there is an answer; a refusal (done already, or not to be retried) is one."""
        while True:
            answer = await self._send(http, "POST", path)
            if answer is not None and answer.status_code != 503:
                return
            await asyncio.sleep(PAUSE_S)

    async def _await_end(self, http: httpx.AsyncClient, job: Accepted) -> None:
        while not self._over:
            answer = await self._send(http, "GET", f"/jobs/{job.job_id}", params={"wait": 2})
            if answer is not None and answer.status_code == 200 and answer.json()["done"]:
                if job.kind == "simulation" and answer.json()["status"] == "succeeded":
                    self._reportable.append(answer.json()["subject_id"])
                return
            await asyncio.sleep(PAUSE_S)

    async def _send(self, http: httpx.AsyncClient, method: str, path: str, **how: Any) -> httpx.Response | None:
        """Send one request; None when there was no answer."""
        try:
            answer = await http.request(method, path, **how)
        except httpx.TransportError:
            self.unanswered += 1
            return None
        self.statuses[answer.status_code] += 1
        return answer
