"""The method section: what was simulated, on whom, how answers were obtained and how to read the figures."""

from __future__ import annotations

from collections.abc import Collection

from core.reports import content as c
from core.reports.survey_alarms import alarm_blocks
from core.reports.survey_arms import split_table
from core.reports.survey_figures import REASONS, TYPE_NAMES, count, day, described, named, percent, ranged
from core.reports.survey_input import SurveyFacts, SurveyResults
from core.stats.rounding import fixed
from core.surveys.cautions import PARTIAL

TITLE = "How this was made, and how to read it"
DEMONSTRATION = "Demonstration model – not evidence about people"
SIMULATED = (
    "The respondents in this report are simulated. A language model answered in the role of each of them; no "
    "person was asked. The figures describe what the model said. They are a guide for thinking and for "
    "planning research with people, not a substitute for it."
)
DEMONSTRATED = (
    "All answers came from the built-in demonstration model, which follows written rules and knows nothing "
    "about people. This document shows what a report looks like; its figures are no basis for a decision."
)
INTERVALS = (
    "Intervals are 95% simulation intervals: Wilson intervals on the effective sample size (n_eff), which "
    "counts unequal weights and the likeness of respondents who share a persona. They say how far a repeat "
    "of this simulation could differ. They are not a margin of error against people."
)
BEST_WORST = (
    "In best-worst questions each respondent judged sets of options, every option about as often as any other. The "
    "score is (best − worst)/shown; its interval is the score interval of a difference of shares, and counts that one "
    "respondent judges an option several times. Shares of appeal are the logits of the scores, scaled to sum to 100."
)
OF_WHOM = "Percentages are of the respondents who answered the question; "
WEIGHTED = "“Weighted %” counts each with their weight, and charts, means and medians are weighted."
UNWEIGHTED = "all respondents weigh the same, so that weighted and unweighted figures are one."
COMPUTED = "All figures are computed from the recorded answers; none is written by a model. A half is rounded up."
METHODS = {
    "ssr": "Semantic similarity rating. The respondent says in one or two sentences of their own where they stand, "
    "without naming an option. The statement’s embedding is compared with anchor sentences for each point of the "
    "scale; the similarities give a probability for each point, and the respondent’s value is drawn from them with the "
    "run’s seed. The value can therefore differ from what the statement alone suggests.",
    "direct": "The respondent gives the answer itself: a number, an option or a text. It is recorded as given.",
    "distribution": "For all respondents who share a persona and all attributes, the model states how probable each "
    "option is; several such draws are averaged, and each respondent’s answer is drawn from the average with the run’s "
    "seed. These answers are made apart from the respondent’s other answers: neither knows of the other.",
}
METHOD_NAMES = {"ssr": "Rated by similarity (ssr)", "direct": "Direct", "distribution": "Distribution"}
TITLE_CHARS = 90
MARGINS_SHOWN = 40


def method_section(results: SurveyResults, facts: SurveyFacts) -> c.Section:
    """Return the method section of a survey report."""
    notices: list[c.Block] = [c.Notice(title="Respondents are simulated", text=SIMULATED)]
    if results.demonstration:
        notices.append(c.Notice(title=DEMONSTRATION, text=DEMONSTRATED, tone="warning"))
    blocks: list[c.Block] = [
        *notices,
        *partial_notice(results),
        c.Heading(text="Population and sample"),
        c.Facts(items=_sample_facts(results, facts)),
        *_persona_table(facts, weighted=results.weighted),
        *_margin_table(results),
        *_sample_notice(results),
        *split_table(results),
        *alarm_blocks(results),
        c.Heading(text="How answers were obtained"),
        *_method_blocks(results, facts),
        c.Heading(text="Model"),
        c.Facts(items=_model_facts(results, facts)),
        c.Heading(text="Reading the figures"),
        c.Text(text=INTERVALS),
        c.Text(text=f"{OF_WHOM}{WEIGHTED if results.weighted else UNWEIGHTED} {COMPUTED}"),
        *([c.Text(text=BEST_WORST)] if any(question.max_diff for question in results.questions) else []),
        c.Text(text=_missing_text(results)),
        *(c.Text(text=note) for note in facts.notes),
    ]
    return c.Section(anchor="method", title=TITLE, blocks=blocks)


def partial_notice(results: SurveyResults) -> list[c.Block]:
    """Return a warning where the simulation did not come to its end."""
    if results.complete:
        return []
    told = [warning for warning in results.warnings if warning.startswith(PARTIAL)]
    text = " ".join([*told, "Figures rest on the answers that were recorded; the base of each question is given."])
    return [c.Notice(title="Partial results", text=text, tone="warning")]


def _margin_table(results: SurveyResults) -> list[c.Block]:
    """Return the attributes of the respondents beside those of the population they were drawn for."""
    if results.realised is None:
        return []
    columns = [
        c.Column(label="Attribute", width=1.4),
        c.Column(label="Value", width=3.4),
        c.Column(label="Population", align="right"),
        c.Column(label="Respondents", align="right"),
    ]
    rows: list[list[c.Cell]] = []
    for name, shares in results.realised.target_margins.items():
        drawn = results.realised.margins.get(name, {})
        for place, (value, share) in enumerate(shares.items()):
            label = "" if place else named(name)
            rows.append([label, ranged(value), percent(share * 100, 1), percent(drawn.get(value, 0.0) * 100, 1)])
    left_out = len(rows) - MARGINS_SHOWN
    note = f"{left_out:,} more values are in the results." if left_out > 0 else ""
    return [c.Table(caption="Who was to be asked, and who was", columns=columns, rows=rows[:MARGINS_SHOWN], note=note)]


def _sample_notice(results: SurveyResults) -> list[c.Block]:
    """Return what the sample rests on that a reader would not expect."""
    told = [warning for warning in results.warnings if not warning.startswith(PARTIAL)]
    return [c.Notice(title="To know about this sample", text=" ".join(told))] if told else []


def respondents(results: SurveyResults) -> str:
    """Write how many respondents there are, and how many were planned where that is another number."""
    planned = results.n if results.n_planned is None else results.n_planned
    return f"{results.n:,}" if planned == results.n else f"{results.n:,} of {planned:,} planned"


def _sample_facts(results: SurveyResults, facts: SurveyFacts) -> list[c.Fact]:
    items = [c.Fact(label="Simulated respondents", value=respondents(results))]
    if results.n_eff is not None:
        value = (
            f"{fixed(results.n_eff, sign=',')} after weights and clustering in personas, planned with an assumed "
            "likeness within personas; each question has its own, estimated from its answers"
        )
        items.append(c.Fact(label="Effective sample size (n_eff)", value=value))
    if facts.sample_source:
        items.append(c.Fact(label="Drawn from", value=facts.sample_source))
    return items


def _persona_table(facts: SurveyFacts, *, weighted: bool) -> list[c.Block]:
    if not facts.personas:
        return []
    columns = [
        c.Column(label="Persona", width=1.7),
        c.Column(label="Who they are", width=4.2),
        c.Column(label="Respondents", align="right", width=0.9),
        c.Column(label="Weighted %" if weighted else "%", align="right", width=0.9),
    ]
    rows: list[list[c.Cell]] = []
    for persona in facts.personas:
        who = "  ·  ".join(filter(None, [persona.summary, described(persona.attributes)]))
        n = f"{persona.n:,}" if persona.n is not None else "–"
        weight = percent(persona.weight * 100, 1) if persona.weight is not None else "–"
        rows.append([persona.name, who, n, weight])
    return [c.Table(caption="The personas", columns=columns, rows=rows)]


def _method_blocks(results: SurveyResults, facts: SurveyFacts) -> list[c.Block]:
    by_key = {method.key: method for method in facts.methods}
    columns = [
        c.Column(label="Question", width=3.8),
        c.Column(label="Type", width=1.3),
        c.Column(label="Method", width=1.5),
        c.Column(label="Parameters", width=1.8),
    ]
    rows: list[list[c.Cell]] = []
    used: set[str] = set()
    for number_, question in enumerate(results.questions, start=1):
        method = by_key.get(question.key)
        name = method.method if method else facts.default_method
        used.add(name)
        given = method.parameters if method else {}
        parameters = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in given.items())
        title = f"{number_}  {question.text or question.key}"
        short = title if len(title) <= TITLE_CHARS else title[: TITLE_CHARS - 1].rstrip() + "…"
        kind = TYPE_NAMES.get(question.type, question.type)
        rows.append([short, kind, METHOD_NAMES.get(name, name), parameters or "–"])
    explained = [c.Fact(label=METHOD_NAMES[name], value=METHODS[name]) for name in METHODS if name in used]
    table = c.Table(caption="How each question was asked", columns=columns, rows=rows)
    return [*_asking(facts, used), c.Facts(items=explained), table]


def _asking(facts: SurveyFacts, used: Collection[str]) -> list[c.Block]:
    """Say what a respondent knows when they answer, where any is asked in person."""
    if "ssr" not in used and "direct" not in used:
        return []
    person = "as one person with the traits of their persona and attributes of their own"
    parts = [f"Each respondent is asked alone, section by section, {person}; where the two differ, their own hold."]
    if "ssr" in used and "direct" in used:
        parts.append("The questions of a section are answered in two replies, those rated by similarity first.")
    most = f" (up to {facts.memory} answers)" if facts.memory else ""
    known = f"Each is reminded of what they said before{most}"
    if "ssr" in used:
        parts.append(
            f"{known}: of a question rated by similarity, of their statement, not of the value drawn from it. So an "
            "answer in own words follows the statements and need not fit the values in the data."
        )
    else:
        parts.append(f"{known}.")
    return [c.Text(text=" ".join(parts))]


def _model_facts(results: SurveyResults, facts: SurveyFacts) -> list[c.Fact]:
    items = [c.Fact(label="Model", value=results.model or "not recorded")]
    if facts.embedding_model:
        items.append(c.Fact(label="Embedding model", value=facts.embedding_model))
    if facts.prompts:
        prompts = ", ".join(f"{prompt.name} {prompt.version}" for prompt in facts.prompts)
        items.append(c.Fact(label="Prompt versions", value=prompts))
    if facts.temperature is not None:
        asked = f"{facts.temperature:g}, sent with each call where the endpoint takes it"
        items.append(c.Fact(label="Model temperature", value=asked))
    if facts.seed is not None:
        use = "for drawing respondents and answers and, where the endpoint takes one, for model calls"
        items.append(c.Fact(label="Seed", value=f"{facts.seed}, {use}"))
    items.append(c.Fact(label="Language", value=facts.language))
    if facts.answered_at is not None:
        items.append(c.Fact(label="Simulated on", value=day(facts.answered_at)))
    items.append(c.Fact(label="Simulation", value=results.simulation_id))
    return items


def _missing_text(results: SurveyResults) -> str:
    total: dict[str, int] = {}
    for question in results.questions:
        for reason, n in question.missing.items():
            total[reason] = total.get(reason, 0) + n
    total = {reason: n for reason, n in total.items() if n}
    rule = "A question that could not be answered is missing with its reason; no answer is ever filled in."
    if not total:
        return f"{rule} No answer is missing."
    parts = ", ".join(f"{REASONS.get(reason, reason)} {n:,}" for reason, n in sorted(total.items()))
    return f"{rule} Missing over all questions: {count(sum(total.values()), 'answer')} ({parts})."
