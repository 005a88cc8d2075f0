"""Steps for each stage of a study: what is worth doing next, given what the study holds."""

from collections.abc import Callable
from typing import Any

from core.embedded.offline_model.prompt_data import mapping, objects, text_of

Study = dict[str, Any]
STAGE_NAMES = {
    "workspace_setup": "setting up",
    "research_objectives": "the research objective",
    "persona_builder": "the personas",
    "survey_builder": "the survey",
    "discussion_guide": "the discussion guide",
    "rebuttal_mode": "the rebuttals",
    "insights": "the insights",
    "completed": "the end",
}


def steps(stage: str, study: Study, concerns: list[dict[str, Any]]) -> list[str]:
    """Return up to five steps for a stage: what mends the concerns first, nothing that is done already."""
    mending = [_MENDING[code] for code in (text_of(one.get("code")) for one in concerns) if code in _MENDING]
    return list(dict.fromkeys([*mending, *_STEPS.get(stage, _setup)(study)]))[:5]


def held(study: Study, name: str) -> int:
    """Return one of the counts of a study."""
    value = mapping(study.get("holdings")).get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def missing(study: Study) -> list[str]:
    """Return the objective's components that are missing, in words."""
    components = mapping(mapping(study.get("objective")).get("components"))
    return [text_of(name, 60).replace("_", " ") for name, status in components.items() if status == "missing"]


_LONGEST = 160
_MENDING = {
    "job_failed": "Open the failed job, mend what its error names, and retry it: what was paid for is not repeated.",
    "objective_absent": "Write down the research objective that the personas are to serve.",
    "objective_needs_review": "Answer the clarifying questions of the objective, then analyse it again.",
    "panel_collapsed": "Delete the personas that read like another one and generate others from more varied cells.",
    "panel_small": "Add personas until there are at least five, from different parts of the audience.",
    "evidence_absent": "Attach a document of evidence, so that confidence in the personas has something to rest on.",
    "sample_small": "Extend the sample before you read subgroups: small samples have wide intervals.",
}


def _setup(study: Study) -> list[str]:
    found = []
    if len(text_of(study.get("description")).split()) < 20:
        found.append("Describe the brief in a few sentences: who, where, and which decision depends on the answer.")
    found.append(f"Write the research objective of “{title_of(study)}” in your own words and have it analysed.")
    if not held(study, "evidence"):
        found.append("Attach what is known already, such as reports or interview notes, as evidence.")
    if not study.get("country"):
        found.append("Name the country, so that personas live where the research takes place.")
    return found


def _objective(study: Study) -> list[str]:
    objective = mapping(study.get("objective"))
    found = [f"State the {name}: the objective does not say it yet." for name in missing(study)[:3]]
    if objective.get("status") == "validated":
        return [*found, "Go on to the personas: the objective is validated."]
    return [*found, "Have the objective analysed, and check that each quoted span says what you mean."]


def _personas(study: Study) -> list[str]:
    audience = _clipped(mapping(study.get("objective")).get("audience"))
    found = []
    if not held(study, "personas"):
        found.append("Generate personas from targets, so that the panel keeps close to its population.")
    if audience:
        found.append(f"Hold every persona against the audience of the objective: “{audience}”.")
    found.append("Look at the panel: its margins against the targets, and how distinct its personas are.")
    if not held(study, "evidence"):
        found.append(_MENDING["evidence_absent"])
    return found


def _survey(study: Study) -> list[str]:
    found = []
    papers = objects(study.get("questionnaires"))
    if not papers:
        found.append("Build the questionnaire: one question per component or hypothesis that you need answered.")
    else:
        paper = papers[0]
        count = paper.get("questions", 0)
        found.append(
            f"Read the {count} questions of “{text_of(paper.get('title'), 100)}” aloud, as a respondent would."
        )
        if not mapping(paper.get("types")).get("open_ended"):
            found.append("Add an open-ended question, so that reasons come in the respondents' own words.")
    found.append("Plan the sample: the margin of error you can live with, then the allocation across personas.")
    if papers and not objects(study.get("simulations")):
        found.append("Run a small simulation first, and the full one when its answers make sense.")
    return found


def _guide(study: Study) -> list[str]:
    found = [] if held(study, "guides") else ["Write a guide of three sections, from easy to personal."]
    found.append("Ask about the last time it happened, not about what usually happens.")
    names = study_names(study)
    if names:
        found.append(f"Begin with {names[0]}, then take somebody who lives differently.")
    return found


def _rebuttals(study: Study) -> list[str]:
    runs = objects(study.get("simulations"))
    if not held(study, "finished_simulations"):
        return ["Run a simulation first: a rebuttal challenges an answer that somebody gave."]
    about = f" of “{text_of(runs[0].get('title'), 100)}”" if runs else ""
    return [
        f"Challenge the answer{about} that surprises you most, and say what you hold against it.",
        "Send the neutral probe beside it, to see who gives in to anything.",
        "Build the report once the replies are in.",
    ]


def _insights(study: Study) -> list[str]:
    runs = objects(study.get("simulations"))
    if not held(study, "finished_simulations") and not held(study, "finished_interviews"):
        return ["Run the survey or the interviews first: there are no finished results to read yet."]
    about = f" of “{text_of(runs[0].get('title'), 100)}”" if runs else ""
    found = [f"Read the results{about} with their intervals and quality alarms before any percentage."]
    if not held(study, "rebuttals"):
        found.append("Challenge one answer that carries your conclusion.")
    if not held(study, "finished_reports"):
        found.append("Build the report; it says which model answered and by which method.")
    decision = _clipped(mapping(study.get("objective")).get("decision"))
    if decision:
        found.append(f"Write one sentence on what the results mean for the decision: “{decision}”.")
    return found


def _completed(study: Study) -> list[str]:
    if not held(study, "finished_simulations") and not held(study, "finished_interviews"):
        return ["Run the survey or the interviews first: nothing has been asked yet."]
    found = [] if held(study, "finished_reports") else ["Build a report, so that the study can be read by others."]
    return [*found, "Compare the findings with people's answers where you have a benchmark."]


def _clipped(value: object) -> str:
    """Return a text of 160 characters at most, whole words, without the full stop at its end."""
    told = text_of(value, 1000).rstrip(".")
    return told if len(told) <= _LONGEST else told[:_LONGEST].rsplit(" ", 1)[0] + " …"


def title_of(study: Study) -> str:
    """Return the study's title."""
    return text_of(study.get("title"), 120) or "this study"


def study_names(study: Study) -> list[str]:
    """Return names of personas."""
    names = mapping(study.get("personas")).get("names")
    return [text_of(name, 80) for name in names if name] if isinstance(names, list) else []


_STEPS: dict[str, Callable[[Study], list[str]]] = {
    "workspace_setup": _setup,
    "research_objectives": _objective,
    "persona_builder": _personas,
    "survey_builder": _survey,
    "discussion_guide": _guide,
    "rebuttal_mode": _rebuttals,
    "insights": _insights,
    "completed": _completed,
}
