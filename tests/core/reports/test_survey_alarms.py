"""A report tells which quality alarms fired."""

from __future__ import annotations

from typing import Any

from core.reports import content as c
from core.reports.survey_alarms import alarm_blocks
from core.reports.survey_input import SurveyResults
from tests.core.reports import made_up


def blocks(*alarms: dict[str, Any]) -> list[c.Block]:
    return alarm_blocks(SurveyResults.model_validate(made_up.results() | {"alarms": list(alarms)}))


def alarm(code: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "measured": True, "fired": False, "figure": 0.5, "threshold": 0.4, "meaning": "So.", **more}


def test_an_alarm_that_fired_is_told_with_its_figure_and_the_numbers_of_its_questions() -> None:
    first = made_up.questions()[0]["key"]
    retest = alarm("test_retest", fired=True, figure=-0.0498, questions=[{"key": first}, {"key": f"{first}.2"}])
    table = blocks(retest, alarm("refusals"), alarm("acquiescence", measured=False))[-1]
    assert isinstance(table, c.Table)
    assert table.caption == "Alarms that fired: 1 of 2 measured"
    assert table.rows == [["Test retest", "So.", "1", "−0.05", "0.40"]]


def test_silence_is_told_only_of_what_was_measured() -> None:
    text = blocks(alarm("refusals"), alarm("acquiescence", measured=False))[-1]
    assert isinstance(text, c.Text)
    assert text.text == "Quality alarms measured: 1 of 2; none of them fired."
    assert blocks(alarm("refusals", measured=False)) == []
