"""The tables that `demo` prints: each question's key figure with its interval, and what the study took."""

from typing import Any

from rich.table import Table

from core.cli.console import console
from core.cli.study import Study
from core.stats.rounding import fixed

LONGEST_TEXT = 36
DEMONSTRATION = (
    "All answers come from the offline demonstration model: they show how the product works and say nothing "
    "about people."
)


def print_summary(study: Study, total_s: float) -> None:
    """Print the personas, the results by question, the steps with their calls, and who answered."""
    results = study.results
    console.print()
    console.print(personas_table(study))
    console.print()
    console.print(_questions(results))
    console.print(
        "n_eff: what the n answers are worth, as several come from one persona. The intervals are simulation "
        "intervals, no margins of error against people."
    )
    for warning in study.plan["warnings"]:
        console.print(f"Plan: {warning}")
    console.print()
    console.print(_steps(study, total_s))
    console.print()
    console.print(f"Answers by {results['model']}. {DEMONSTRATION if results['demonstration'] else ''}".rstrip())


def _table(*columns: str, numbers: frozenset[str] = frozenset()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, justify="right" if name in numbers else "left", overflow="fold")
    return table


def personas_table(study: Study) -> Table:
    """Return the personas with how many respondents were drawn who stand for each, as the report has them."""
    table = _table("Persona", "Age", "Stands for", "Respondents", numbers=frozenset({"Respondents"}))
    respondents = {drawn["persona_id"]: drawn["n"] for drawn in study.results["personas"]}
    for persona in study.personas:
        ages = persona["age_range"]
        cell = ", ".join(str(value) for value in persona["attributes"].values())
        age = f"{ages['min']}–{ages['max']}" if ages else ""
        table.add_row(persona["name"], age, cell, str(respondents.get(persona["id"], 0)))
    return table


def _questions(results: dict[str, Any]) -> Table:
    numbers = frozenset({"n", "n_eff"})
    table = _table("Question", "n", "n_eff", "Key figure", "Interval", numbers=numbers)
    for question in results["questions"]:
        figure, interval = key_figure(question)
        n_eff = fixed(question["n_eff"]) if interval else ""
        table.add_row(_shortened(question["text"]), str(question["n"]), n_eff, figure, interval)
    return table


def key_figure(question: dict[str, Any]) -> tuple[str, str]:
    """Return a question's key figure and its simulation interval, as text; the interval may be empty."""
    if question["nps"] is not None:
        low, high = question["nps"]["ci"]
        score, first, last = (fixed(value, sign="+") for value in (question["nps"]["value"], low, high))
        return f"NPS {score}", f"{first} to {last}"
    if question["options"]:
        if any(option["weighted_pct"] is None for option in question["options"]):
            return "all answers weigh 0", ""
        first = max(question["options"], key=lambda option: float(option["weighted_pct"]))
        low, high = first["ci"]
        return f"{fixed(first['weighted_pct'])} % {first['label']}", f"{fixed(low)}–{fixed(high)} %"
    if question["mean"] is not None:
        return f"mean {fixed(question['mean'], 2)}", ""
    return "quoted in the report", ""


def _steps(study: Study, total_s: float) -> Table:
    names = ("Seconds", "Model calls", "Tokens in", "Tokens out")
    table = _table("Step", *names, numbers=frozenset(names))
    totals = [0, 0, 0]
    for step in study.steps:
        usage = step.usage or {}
        spent = [int(usage.get(name, 0)) for name in ("calls", "input_tokens", "output_tokens")]
        totals = [total + one for total, one in zip(totals, spent, strict=True)]
        shown = [f"{one:,}" for one in spent] if step.usage else ["", "", ""]
        table.add_row(step.name, f"{step.seconds:.1f}", *shown)
    table.add_row("All, with starting", f"{total_s:.1f}", *(f"{total:,}" for total in totals))
    return table


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_TEXT:
        return text
    return text[: LONGEST_TEXT - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
