"""What a sample rests on that nobody gave is told where the simulation is read, and in its results."""

from __future__ import annotations

import httpx
import pytest

from tests.factories.personas import persona
from tests.factories.questionnaires import question
from tests.factories.studies import new_study
from tests.fixtures.api import finished


@pytest.mark.usefixtures("worker")
async def test_a_persona_without_a_weight_among_weighted_ones_is_named(client: httpx.AsyncClient) -> None:
    study = await new_study(client, question("nps", key="nps"))
    for persona_id, weight in zip(study.persona_ids, (0.25, 0.75), strict=True):
        body = {"population_weight": weight}
        assert (await client.patch(f"{study.base}/personas/{persona_id}", json=body)).status_code == 200
    gwen = (await client.post(f"{study.base}/personas", json=persona("Gwen Hughes"))).json()["id"]
    body = study.simulation(persona_ids=[*study.persona_ids, gwen], sample_size=12)
    job = await finished(client, (await client.post(f"{study.base}/simulations", json=body)).json())
    place = f"{study.base}/simulations/{job['subject_id']}"
    [told] = (await client.get(place)).json()["warnings"]
    assert told.startswith("Gwen Hughes has no population weight: the mean of the others’ (0.5) is used")
    results = (await client.get(f"{place}/results")).json()
    assert told in results["warnings"]
    assert [part["n"] for part in results["personas"]] == [2, 6, 4]


async def test_nothing_is_told_where_every_weight_is_given(client: httpx.AsyncClient) -> None:
    study = await new_study(client, question("nps", key="nps"))
    job = (await client.post(f"{study.base}/simulations", json=study.simulation())).json()
    assert (await client.get(f"{study.base}/simulations/{job['subject_id']}")).json()["warnings"] == []


@pytest.mark.usefixtures("worker")
async def test_a_simulation_has_its_plans_allocation_and_tells_whom_it_drew(client: httpx.AsyncClient) -> None:
    study = await new_study(client, question("nps", key="nps"))
    targets = {"margins": {"gender": {"Female": 0.53, "Male": 0.47}, "age": {"18-40": 0.43, "41-64": 0.57}}}
    body = {"persona_ids": study.persona_ids, "n": 37, "targets": targets}
    plan = (await client.post(f"{study.base}/population/plan", json=body)).json()
    simulation = study.simulation(persona_ids=None, sample_size=None, plan_id=plan["id"])
    job = await finished(client, (await client.post(f"{study.base}/simulations", json=simulation)).json())
    results = (await client.get(f"{study.base}/simulations/{job['subject_id']}/results")).json()
    assert [part["n"] for part in results["personas"]] == [row["n"] for row in plan["allocation"]]
    assert results["realised"]["target_margins"] == targets["margins"]
    assert sum(results["realised"]["margins"]["age"].values()) == pytest.approx(1)
    exactly = [warning for warning in results["warnings"] if "another gender" in warning]
    expected = [warning for warning in plan["warnings"] if "another gender" in warning]
    assert expected[0].startswith("About ")
    assert not exactly[0].startswith("About ")


@pytest.mark.usefixtures("worker")
async def test_a_persona_of_no_weight_is_told_of_as_its_respondents_answered(client: httpx.AsyncClient) -> None:
    study = await new_study(client, question("nps", key="nps"))
    for persona_id, weight in zip(study.persona_ids, (0, 1), strict=True):
        await client.patch(f"{study.base}/personas/{persona_id}", json={"population_weight": weight})
    body = {"persona_ids": study.persona_ids, "n": 8, "allocation": "equal"}
    plan = (await client.post(f"{study.base}/population/plan", json=body)).json()
    simulation = study.simulation(persona_ids=None, sample_size=None, plan_id=plan["id"], method="direct")
    job = await finished(client, (await client.post(f"{study.base}/simulations", json=simulation)).json())
    place = f"{study.base}/simulations/{job['subject_id']}"
    given = (await client.get(f"{place}/responses")).json()["items"]
    said = [row["answers"]["nps"]["value"] for row in given if row["persona_id"] == study.persona_ids[0]]
    [asked] = (await client.get(f"{place}/results")).json()["questions"]
    told = asked["by_persona"][0]
    assert (told["n"], len(said)) == (4, 4)
    assert told["mean"] == pytest.approx(sum(said) / 4)
    assert {option["code"]: option["pct"] for option in told["options"] if option["pct"]} == {
        str(value): 25.0 * said.count(value) for value in said
    }
