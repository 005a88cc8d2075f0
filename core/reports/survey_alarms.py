"""The quality alarms of a run in a report: those that fired, with their figures, and how many were held against it."""

from __future__ import annotations

from core.reports import content as c
from core.reports.survey_input import AlarmGiven, SurveyResults
from core.stats.rounding import fixed


def alarm_blocks(results: SurveyResults) -> list[c.Block]:
    """Return what the quality alarms found; nothing where none could be measured."""
    measured = [alarm for alarm in results.alarms if alarm.measured]
    fired = [alarm for alarm in measured if alarm.fired]
    if not measured:
        return []
    if not fired:
        text = f"Quality alarms measured: {len(measured)} of {len(results.alarms)}; none of them fired."
        return [c.Heading(text="Quality alarms"), c.Text(text=text)]
    numbers = {question.key: place for place, question in enumerate(results.questions, start=1)}
    columns = [
        c.Column(label="Alarm", width=1.4),
        c.Column(label="What it means", width=4),
        c.Column(label="Questions"),
        c.Column(label="Figure", align="right"),
        c.Column(label="Threshold", align="right"),
    ]
    caption = f"Alarms that fired: {len(fired)} of {len(measured)} measured"
    rows: list[list[c.Cell]] = [_row(alarm, numbers) for alarm in fired]
    return [c.Heading(text="Quality alarms"), c.Table(caption=caption, columns=columns, rows=rows)]


def _row(alarm: AlarmGiven, numbers: dict[str, int]) -> list[c.Cell]:
    places = {numbers[key] for one in alarm.questions if (key := one.key.partition(".")[0]) in numbers}
    name = alarm.code.replace("_", " ").capitalize()
    return [name, alarm.meaning, ", ".join(map(str, sorted(places))), _figure(alarm.figure), _figure(alarm.threshold)]


def _figure(value: float | None) -> str:
    return "–" if value is None else fixed(value, 2).replace("-", "−")
