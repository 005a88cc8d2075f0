"""EventSource in a real browser, with a ticket: events in their order, each once, over a restart of the service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.docs.browser import Page, needs_browser, opened, serving
from tests.docs.examples import blocks
from tests.fixtures.system import Study, System, WorkerHandle, new_study, running_system

pytestmark = needs_browser
LOGIN = 'await logIn("admin@synthetic-people.example", "change-me-please");'


@pytest.fixture(scope="module")
async def page() -> AsyncIterator[Page]:
    """A page whose origin the API knows."""
    async with serving() as served:
        yield served


@pytest.fixture(scope="module")
async def study(page: Page) -> AsyncIterator[Study]:
    """A study on a product that lets the page call it, and a worker."""
    async with running_system(CORS_ORIGINS=page.origin) as system:
        made = await new_study(system)
        system.add_workers()
        yield made


def script(study: Study, end: str) -> str:
    """Return the functions of the document, and what the page does with them."""
    address = str(study.system.client.base_url)
    functions = blocks("JavaScript", "js", address)[:1] + blocks("In a browser", "js", address)
    return "".join([*functions, LOGIN, end])


def follow(job: dict[str, Any]) -> str:
    """Return the call that follows a job and tells each event with its id."""
    return f"await follow('{job['id']}', (name, data, id) => tell('event', Number(id), name)); tell('end');"


async def recorded(system: System, job: dict[str, Any]) -> list[list[Any]]:
    """Return what the page has to tell of a job that has ended."""
    rows = await system.rows("SELECT sequence, event FROM job_event WHERE job_id = $1::uuid ORDER BY 1", job["id"])
    return [["event", row["sequence"], row["event"]] for row in rows] + [["end"]]


async def test_events_arrive_each_once_over_a_restart(page: Page, study: Study) -> None:
    system = study.system
    await system.configure_model(latency_ms=300)
    job = await study.simulate(200, seed=1)
    page.told, page.script = [], script(study, follow(job))
    with opened(page):
        await page.until(lambda told: len(told) >= 2)
        system.web.kill()
        await asyncio.sleep(1)
        before = len(page.told)
        system.web = WorkerHandle.start(system.environment, "api")
        await page.until(lambda told: ["end"] in told)
    assert 0 < before < len(page.told) - 1  # the job went on after the restart
    assert page.told == await recorded(system, job)
    await system.configure_model()


@pytest.mark.slow
async def test_a_new_ticket_goes_on_once_the_first_is_over(page: Page, study: Study) -> None:
    system = study.system
    await system.configure_model(latency_ms=300)
    job = await study.simulate(200, seed=2)
    # What the browser opens the first time is spoilt after its first event, as a ticket is by time.
    spoilt = """
        const Native = EventSource;
        let count = 0;
        globalThis.EventSource = class extends Native {
          static CLOSED = Native.CLOSED;
          constructor(url) {
            super(url);
            tell("open", url.includes("last_event_id"));
            if (count++ === 0) this.addEventListener("status", () => {
              this.close();
              const refused = new Native(url.replace("ticket=", "ticket=x"));
              refused.onerror = () => { tell("refused", refused.readyState); this.onerror(); };
            }, { once: true });
          }
        };
    """
    page.told, page.script = [], script(study, spoilt + follow(job))
    with opened(page):
        await page.until(lambda told: ["end"] in told)
    assert [words for words in page.told if words[0] != "event"] == [
        ["open", False],
        ["refused", 2],
        ["open", True],
        ["end"],
    ]
    assert [words for words in page.told if words[0] in ("event", "end")] == await recorded(system, job)
    await system.configure_model()
