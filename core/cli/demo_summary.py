"""The tables that `demo` prints: each question's leading figure, as the report has it, and what the study took."""

from collections import Counter
from typing import Any, Final

from rich.table import Table

from core.cli.console import console
from core.cli.study import Study
from core.reports.survey_figures import key_figure
from core.reports.survey_input import QuestionResult
from core.stats.rounding import fixed

LONGEST_TEXT = 36
STATUSES: Final = ("clear", "partial", "inferred", "missing")
DEMONSTRATION = (
    "All answers come from the offline demonstration model: they show how the product works and say nothing "
    "about people."
)


def print_summary(study: Study, total_s: float) -> None:
    """Print the objective's score, the personas, the results by question, the steps and their calls, who answered."""
    results = study.results
    console.print()
    if study.objective:
        console.print(objective_line(study.objective))
        console.print()
    console.print(personas_table(study))
    console.print()
    console.print(_questions(results))
    console.print(
        "n_eff: what the n answers are worth, as several come from one persona. The intervals are simulation "
        "intervals, no margins of error against people."
    )
    for warning in results["warnings"]:
        console.print(f"To know: {warning}")
    console.print()
    console.print(_steps(study, total_s))
    console.print(
        "Model calls: those for replies, and those that embed what was said. A sentence that several say at the same "
        "moment is embedded for each, so that tokens in differ a little from run to run."
    )
    console.print()
    console.print(f"Answers by {results['model']}. {DEMONSTRATION if results['demonstration'] else ''}".rstrip())


def _table(*columns: str, numbers: frozenset[str] = frozenset()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, justify="right" if name in numbers else "left", overflow="fold")
    return table


def objective_line(objective: dict[str, Any]) -> str:
    """Return an objective's score, and how many of its components are how clear, in a sentence."""
    components = objective["components"].values()
    counts = Counter(one["status"] for one in components)
    quotes = sum(len(one["spans"]) for one in components)
    told = ", ".join(f"{counts[status]} {status}" for status in STATUSES if counts[status])
    status = objective["status"].replace("_", " ")
    return (
        f"Objective: {status}, score {objective['score']:.1f} of 100; components: {told}; {quotes} quotes from the "
        "brief, each looked up in it."
    )


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
    table = _table("Question", "n", "n_eff", "Leading figure", "Beside it", numbers=numbers)
    for question in results["questions"]:
        figure, beside = leading_figure(question)
        n_eff = "" if question["type"] == "open_ended" else fixed(question["n_eff"])
        table.add_row(_shortened(question["text"]), str(question["n"]), n_eff, figure, beside)
    return table


def leading_figure(question: dict[str, Any]) -> tuple[str, str]:
    """Return the figure that stands for a question in the report, in words, and what the report says beside it."""
    figure = key_figure(QuestionResult.model_validate(question))
    return f"{figure.value} {figure.label}".strip(), figure.detail


def _steps(study: Study, total_s: float) -> Table:
    names = ("Seconds", "Model calls", "Tokens in", "Tokens out")
    table = _table("Step", *names, numbers=frozenset(names))
    totals = [0, 0, 0]
    for step in study.steps:
        used = step.usage
        spent = [used.calls, used.input_tokens, used.output_tokens] if used else [0, 0, 0]
        totals = [total + one for total, one in zip(totals, spent, strict=True)]
        shown = [f"{one:,}" for one in spent] if used else ["", "", ""]
        table.add_row(step.name, f"{step.seconds:.1f}", *shown)
    table.add_row("All, with starting", f"{total_s:.1f}", *(f"{total:,}" for total in totals))
    return table


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_TEXT:
        return text
    return text[: LONGEST_TEXT - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
