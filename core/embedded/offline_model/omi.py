"""The co-pilot of a study: answers about what its data says, guidance for a stage, suggestions for data."""

import re
from collections.abc import Callable
from typing import Any

from core.embedded.offline_model.omi_steps import STAGE_NAMES, Study, held, missing, steps, study_names, title_of
from core.embedded.offline_model.prompt_data import mapping, objects, text_of
from core.embedded.offline_model.seeding import Draws

_STOP = frozenset(
    re.findall(
        r"\w+",
        "about again already and are but can could did does for from had has have how into its just like me mention"
        " my not now our please remember said say should tell than that the their them then there this told was were"
        " what when where which who why will with would you your",
    )
)
_COUNTED = (
    ("objectives", "research objective"),
    ("evidence", "document of evidence"),
    ("personas", "persona"),
    ("questionnaires", "questionnaire"),
    ("guides", "discussion guide"),
    ("finished_simulations", "finished simulation"),
    ("finished_interviews", "finished interview"),
    ("finished_reports", "finished report"),
)


def chat(data: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return an answer to the researcher's message, from the study's data and the conversation so far."""
    study = mapping(data.get("exploration"))
    concerns = _of_kind(data, "concern")
    message = text_of(data.get("message"))
    answer, kind = _answer(message, study, objects(data.get("earlier")), concerns)
    todo = steps(text_of(study.get("stage")), study, concerns)
    draws = Draws("omi", message, title_of(study), seed)
    lead = draws.pick(("A good next step: ", "What I would do next: ", "Next, I suggest: "))
    ending = f" {lead}{todo[0][0].lower()}{todo[0][1:]}" if todo and kind != "next" else ""
    return {
        "message": f"{answer}{ending}",
        "type": "concern" if kind == "problem" else "encouragement" if kind == "done" else "guidance",
    }


def guidance(data: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return where a study stands in a stage, and the next steps."""
    study = mapping(data.get("exploration"))
    stage = text_of(data.get("stage"))
    concerns, cheers = _of_kind(data, "concern"), _of_kind(data, "encouragement")
    draws = Draws("omi guidance", stage, title_of(study), seed)
    reached = text_of(study.get("stage"))
    where = f"“{title_of(study)}” is at {STAGE_NAMES.get(reached, 'its beginning')} and holds {_holds(study)}."
    if stage != reached:
        where += f" You asked about {STAGE_NAMES.get(stage, stage)}."
    parts = [where]
    if cheers:
        parts.append(text_of(cheers[0].get("message"), 300))
    if concerns:
        lead = draws.pick(("One thing to look at first: ", "Before anything else: ", "What worries me: "))
        parts.append(lead + text_of(concerns[0].get("message"), 300))
    elif not cheers:
        parts.append("Nothing stands in the way; take the steps below one by one.")
    todo = steps(stage, study, concerns)
    return {"message": " ".join(parts), "next_steps": todo or ["Look at what the study holds, and go on from there."]}


def validate(data: dict[str, Any], _seed: int) -> dict[str, Any]:
    """Return suggestions on a stage's data, those that mend the issues first, and remarks of its own."""
    study = mapping(data.get("exploration"))
    stage = text_of(data.get("stage"))
    mending = [_mend(one) for one in objects(data.get("issues")) if one.get("code") != "instruction_in_data"]
    texts = [text for text in _texts(mapping(data.get("submitted"))) if not _ORDERING.search(text.lower())]
    suggestions = [*mending[:4], *_improvements(stage, texts, study)]
    return {"suggestions": list(dict.fromkeys(suggestions))[:6], "remarks": _remarks(texts)[:4]}


def _of_kind(data: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [one for one in objects(data.get("observations")) if one.get("kind") == kind]


def _holds(study: Study) -> str:
    found = [
        f"{held(study, name)} {word if held(study, name) == 1 else _many(word)}"
        for name, word in _COUNTED
        if held(study, name)
    ]
    if not found:
        return "nothing yet but its brief"
    return found[0] if len(found) == 1 else ", ".join(found[:-1]) + " and " + found[-1]


def _many(word: str) -> str:
    first, _, rest = word.partition(" of ")
    return f"{first}s of {rest}" if rest else f"{word}s"


def _answer(
    message: str, study: Study, earlier: list[dict[str, Any]], concerns: list[dict[str, Any]]
) -> tuple[str, str]:
    lowered = message.lower()
    if _REMEMBERING.search(lowered):
        return _recalled(lowered, earlier), "memory"
    if _ORDERING.search(lowered):
        return (
            "I cannot mark, approve or change anything: whether something is valid is decided by the product's rules,"
            f" from what stands in “{title_of(study)}”."
        ), "order"
    for pattern, answer in _TOPICS:
        if pattern.search(lowered):
            return answer(study, concerns)
    if not _ASKING.search(lowered):
        return f"Noted for this conversation: “{' '.join(message.split())[:300].rstrip('.!')}”.", "noted"
    about = text_of(study.get("description")).split(". ")[0].rstrip(".")
    quoted = " ".join(message.split()[:12])
    told = f"On “{quoted}”: the data of “{title_of(study)}” does not answer that by itself."
    return f"{told} The brief asks: {about or title_of(study)}. The study holds {_holds(study)}.", "open"


def _recalled(lowered: str, earlier: list[dict[str, Any]]) -> str:
    """Quote what the researcher said that has most words in common with the question."""
    wanted = _words(lowered)
    own = [text_of(turn.get("text"), 400) for turn in earlier if turn.get("speaker") == "researcher"]
    if own and "ask" in lowered and (place := _PLACE.search(lowered)):
        return f"You asked {place[0]}: “{own[0 if place[0] == 'first' else -1].rstrip('.!')}”."
    best = max(own, key=lambda text: (len(wanted & _words(text.lower())), own.index(text)), default="")
    if not best or (wanted and not wanted & _words(best.lower())):
        return "In what I remember of this conversation you have not told me that."
    return f"You told me earlier: “{best.rstrip('.!')}”."


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"[a-zà-ÿ0-9]{3,}", text) if word not in _STOP}


def _status(study: Study, concerns: list[dict[str, Any]]) -> tuple[str, str]:
    answer = f"“{title_of(study)}” is at {STAGE_NAMES.get(text_of(study.get('stage')), 'its beginning')}: it holds "
    answer += f"{_holds(study)}."
    running = objects(study.get("running"))
    if running:
        first = running[0]
        answer += f" Under way: {text_of(first.get('kind'), 60)} ({text_of(first.get('detail'), 60)})."
    return answer, "done" if not concerns and held(study, "finished_simulations") else "status"


def _next(study: Study, concerns: list[dict[str, Any]]) -> tuple[str, str]:
    todo = steps(text_of(study.get("stage")), study, concerns)[:3]
    listed = " ".join(f"{place}. {step}" for place, step in enumerate(todo, start=1))
    where = STAGE_NAMES.get(text_of(study.get("stage")), "its beginning")
    return f"“{title_of(study)}” is at {where}. {listed}", "next"


def _sample(study: Study, _: list[dict[str, Any]]) -> tuple[str, str]:
    people = held(study, "personas")
    answer = (
        "For a margin of ±5 points at 95 % a simple random sample needs 385 respondents, for ±3 points 1,068;"
        " subgroups that are read by themselves need as many each."
    )
    if people:
        answer += f" Drawn around your {people} personas they are worth less: respondents of one persona are alike."
    return f"{answer} The population plan computes it with every factor shown.", "sample"


def _people(study: Study, _: list[dict[str, Any]]) -> tuple[str, str]:
    panel = mapping(study.get("personas"))
    names = study_names(study)
    if not names:
        return f"“{title_of(study)}” has no personas yet.", "personas"
    ages = text_of(panel.get("ages"), 20)
    answer = f"The panel has {panel.get('count', len(names))} personas"
    answer += f", aged {ages.replace('-', ' to ')}" if ages else ""
    answer += f": {', '.join(names[:5])}{' and others' if len(names) > 5 else ''}."
    doubles = panel.get("near_duplicates")
    if isinstance(doubles, int) and doubles:
        return f"{answer} {doubles} of them read too much like another one.", "problem"
    return answer, "personas"


def _enough(study: Study, _: list[dict[str, Any]]) -> tuple[str, str]:
    people = held(study, "personas")
    answer = f"Five personas or more, as different as the audience is; “{title_of(study)}” has {people or 'none yet'}."
    return f"{answer} More personas tell more than more respondents of each: respondents of one are alike.", "personas"


def _objective(study: Study, _: list[dict[str, Any]]) -> tuple[str, str]:
    objective = mapping(study.get("objective"))
    if not objective:
        return f"“{title_of(study)}” has no research objective yet.", "objective"
    status = text_of(objective.get("status")).replace("_", " ")
    score = objective.get("score")
    answer = f"The objective stands at {status}" + (f" with a score of {score:.0f}." if _is_number(score) else ".")
    lacking = missing(study)
    if lacking:
        answer += f" Missing in its text: {', '.join(lacking[:4])}."
    return answer, "done" if objective.get("status") == "validated" else "objective"


def _questions(study: Study, _: list[dict[str, Any]]) -> tuple[str, str]:
    papers = objects(study.get("questionnaires"))
    if not papers:
        return f"“{title_of(study)}” has no questionnaire yet.", "questionnaire"
    paper = papers[0]
    types = mapping(paper.get("types"))
    shown = ", ".join(f"{count} {text_of(name, 30).replace('_', ' ')}" for name, count in types.items())
    return f"“{text_of(paper.get('title'), 100)}” has {paper.get('questions', 0)} questions: {shown}.", "questionnaire"


def _results(study: Study, _: list[dict[str, Any]]) -> tuple[str, str]:
    runs = [one for one in objects(study.get("simulations")) if one.get("status") == "succeeded"]
    if not runs:
        return f"“{title_of(study)}” has no finished results yet, so there is nothing to conclude.", "results"
    run = runs[0]
    answer = f"“{text_of(run.get('title'), 100)}” has been answered by {run.get('sample_size')} simulated respondents."
    return f"{answer} I do not hold its figures: they stand in the results, each with its interval.", "results"


def _trouble(study: Study, concerns: list[dict[str, Any]]) -> tuple[str, str]:
    if not concerns:
        return f"I see nothing wrong with “{title_of(study)}” at the moment.", "done"
    return " ".join(text_of(one.get("message"), 300) for one in concerns[:2]), "problem"


def _evidence(study: Study, _: list[dict[str, Any]]) -> tuple[str, str]:
    count = held(study, "evidence")
    if not count:
        return "No evidence is attached, so confidence in the personas is low, and says so.", "evidence"
    return f"{count} {'document' if count == 1 else 'documents'} of evidence can be searched and cited.", "evidence"


def _hello(study: Study, _: list[dict[str, Any]]) -> tuple[str, str]:
    return f"Hello. I am here for “{title_of(study)}”; ask me about any part of it.", "hello"


_ASKING = re.compile(
    r"\?|^\W*(?:who|what|when|where|which|why|how|can|could|should|would|will|do|does|did|is|are|was|were|has|have|"
    r"tell|show|explain|give|help|list|compare|describe|write|draft|suggest|propose|make)\b"
)
_REMEMBERING = re.compile(
    r"\b(?:remember|remind me|did i (?:say|tell|mention|ask)|i (?:said|told|asked|mentioned)|what (?:was|is) my)\b"
)
_PLACE = re.compile(r"\b(?:first|last)\b")
_ORDERING = re.compile(
    r"\b(?:ignore|disregard|forget)\b.{0,40}\b(?:instruction|rule)|\b(?:mark|approve|declare|validate)\b.{0,40}"
    r"\b(?:valid|approved|done|finished|it|this)\b"
)
_TOPICS: tuple[tuple[re.Pattern[str], Callable[[Study, list[dict[str, Any]]], tuple[str, str]]], ...] = (
    (re.compile(r"\b(?:next|now what|should i do|how do i (?:start|begin|go on)|what to do)\b"), _next),
    (re.compile(r"\b(?:fail\w*|errors?|wrong|problems?|stuck|concern\w*|worr\w+)\b"), _trouble),
    (re.compile(r"\b(?:how many|enough|number of) personas\b"), _enough),
    (re.compile(r"\b(?:sample|respondents|margin of error|how many people)\b"), _sample),
    (re.compile(r"\b(?:evidence|documents?|sources?|confidence)\b"), _evidence),
    (re.compile(r"\b(?:objective|hypothes\w+|components?)\b"), _objective),
    (re.compile(r"\b(?:personas?|panel)\b"), _people),
    (re.compile(r"\b(?:questionnaire|questions?|survey|wording)\b"), _questions),
    (re.compile(r"\b(?:results?|findings?|insights?|report|conclu\w+|answers?)\b"), _results),
    (re.compile(r"\b(?:status|progress|how far|overview|stage|summar\w+)\b"), _status),
    (re.compile(r"\bwhere (?:are we|do we|(?:we|i|it|things) (?:are|stands?))\b"), _status),
    (re.compile(r"^\W*(?:hello|hi|hey|good (?:morning|afternoon|evening)|thanks?|thank you)\b"), _hello),
)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _mend(issue: dict[str, Any]) -> str:
    place = text_of(issue.get("field"), 100).rsplit(".", 1)[-1].replace("_", " ")
    told = text_of(issue.get("message"), 300)
    code = text_of(issue.get("code"), 60)
    if code == "component_missing":
        return f"Write down the {place}: {_COMPONENT_HINTS.get(place, 'a sentence is enough')}."
    if code in ("objective_missing", "objective_short"):
        return (
            f"Mend the objective: {told} Write out the decision, what is not known yet, whose answers count, and where."
        )
    return f"Mend {place}: {told}" if place and not place.isdigit() else f"Mend this first: {told}"


_COMPONENT_HINTS = {
    "business context": "who is asking, and what has happened that they ask now",
    "decision problem": "what will be decided, between which alternatives, and by when",
    "information gap": "what has to be known for the decision and is not",
    "primary hypothesis": "what you expect to find, so that an answer could prove it wrong",
    "secondary hypotheses": "what else you expect, of which groups",
    "target audience": "ages, place, and what they do or buy",
    "segmentation logic": "which groups are to be compared",
    "competitive frame": "what people use or hear instead",
    "behaviours attitudes": "what people do, feel or fear that you want to understand",
    "geography": "the country, region or city",
}
_ADVICE = {
    "workspace_setup": ("Say in the brief by when the decision is taken, and who takes it.",),
    "research_objectives": (
        "Name the audience so that one could tell who belongs to it: ages, place, and what they do or buy.",
        "Write the hypothesis so that an answer could prove it wrong.",
    ),
    "persona_builder": (
        "Give the persona one circumstance that pulls against the others, as real lives have.",
        "Base income, housing and mobility on the same place.",
    ),
    "survey_builder": (
        "Put easy questions of fact before questions of opinion, and money last.",
        "Offer “Don't know” or “None of these” where it can be true.",
    ),
    "discussion_guide": ("Plan a probe for each question: an example, a feeling, a reason.",),
    "rebuttal_mode": ("Challenge the reason given, not the person.",),
    "insights": ("Write beside each statement how many respondents it rests on, and its interval.",),
    "completed": ("Say in one paragraph what the study cannot tell.",),
}


def _improvements(stage: str, texts: list[str], study: Study) -> list[str]:
    found = list(_ADVICE.get(stage, ()))
    longest = max(texts, key=len, default="")
    if len(longest.split()) >= 6:
        found.insert(0, f"Make “{' '.join(longest.split()[:9])} …” as concrete as “{title_of(study)}” needs it.")
    return found or ["Hold it against the brief once more before you go on."]


def _remarks(texts: list[str]) -> list[str]:
    whole = " ".join(texts).lower()
    found = []
    if len(whole.split()) > 8 and not re.search(r"\d", whole):
        found.append("No number, age or year stands anywhere in it.")
    vague = re.search(r"\b(?:people|everyone|everybody|consumers|users|things|stuff|various|etc)\b", whole)
    if vague:
        found.append(f"“{vague[0]}” is a wide word: it leaves open who or what is meant.")
    return found


def _texts(value: Any) -> list[str]:
    found: list[str] = []
    level = [value]
    while level and len(found) < 200:
        one = level.pop(0)
        if isinstance(one, str) and one.strip():
            found.append(one.strip()[:400])
        elif isinstance(one, dict):
            level += one.values()
        elif isinstance(one, list):
            level += one
    return found
