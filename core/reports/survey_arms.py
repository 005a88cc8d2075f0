"""What a survey report says of split ballots: the method, the wordings of each arm, and figures by arm."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.questionnaires.piping import bracketed, filled
from core.reports import content as c
from core.reports.survey_figures import count, percent
from core.reports.survey_input import (
    PersonaResult,
    PersonaScore,
    PersonaShare,
    QuestionResult,
    SplitBase,
    SplitResult,
    SurveyResults,
)
from core.reports.survey_max_diff import max_diff_personas
from core.reports.survey_personas import persona_means, persona_options, persona_scales

EXPERIMENT = (
    "Each respondent is in one arm of each split, by lot within personas, so that the arms are comparable. Respondents "
    "read the words of their own arm; they know neither its name nor the other arms."
)
TESTED = (
    "The p value is that of a χ² test corrected for weights and, where a persona’s respondents are asked as one, for "
    "personas (Rao and Scott): how often a repeat of this simulation without any difference between the arms would "
    "show one as large. It says nothing about people."
)
ALL_ARMS = "All arms together"
Rewrite = Callable[[str], str]


def plainly(results: SurveyResults) -> SurveyResults:
    """Return results whose texts have the words of all arms, “$3 / $9”, and names of answers in brackets."""
    words = {split.key: [arm.text or "" for arm in split.arms] for split in results.splits}

    def told(text: str) -> str:
        return bracketed(filled(text, words))

    return results.model_copy(
        update={"questions": [_told(one, told, told if words else str) for one in results.questions]}
    )


def _told(question: QuestionResult, told: Rewrite, label: Rewrite) -> QuestionResult:
    """Return a question, its rows included, with its texts as `told` and its labels as `label` says them."""
    return question.model_copy(
        update={
            "text": told(question.text),
            "options": [one.model_copy(update={"label": label(one.label)}) for one in question.options],
            "max_diff": [one.model_copy(update={"label": label(one.label)}) for one in question.max_diff],
            "ranking": [one.model_copy(update={"label": label(one.label)}) for one in question.ranking],
            "rows": [_told(row, told, label) for row in question.rows],
        }
    )


def arm_blocks(question: QuestionResult, words: Sequence[SplitBase], number_: int) -> list[c.Block]:
    """Return the wordings and figures of a question by the arms it differs by; none for any other question."""
    blocks: list[c.Block] = []
    for split in question.by_split:
        heard = [arm for arm in split.arms if arm.result.n]
        if len(heard) < len(split.arms):
            only = " and ".join(arm.label for arm in heard) or "nobody"
            blocks.append(c.Text(text=f"Put only to one part of the split {split.split}: {only}."))
        blocks += _wordings(split, words)
        if len(heard) > 1:
            blocks += _figures(question, split, f"Question {number_} by arm of {split.split}")
            blocks += _test(split)
    if any(len([arm for arm in split.arms if arm.result.n]) > 1 for split in question.by_split):
        blocks.append(c.Heading(text=ALL_ARMS))
    return blocks


def _wordings(split: SplitResult, words: Sequence[SplitBase]) -> list[c.Block]:
    """Return how the question read in each arm, where that differs."""
    heard = [arm for arm in split.arms if arm.result.n]
    others = {one.key: [arm.text or "" for arm in one.arms] for one in words if one.key != split.split}
    texts = [bracketed(filled(arm.result.text, others)) for arm in heard]
    if len(set(texts)) < 2:
        return []
    return [c.Facts(items=[c.Fact(label=arm.label, value=text) for arm, text in zip(heard, texts, strict=True)])]


def _figures(question: QuestionResult, split: SplitResult, title: str) -> list[c.Block]:
    """Return the figures of each arm side by side, drawn as those of personas are."""
    apart = question.model_copy(
        update={
            "by_persona": [
                PersonaResult(
                    persona_id=arm.arm,
                    persona_name=arm.label,
                    n=arm.result.n,
                    mean=arm.result.mean.value if arm.result.mean else None,
                    options=[PersonaShare(code=one.code, pct=one.share) for one in arm.result.options],
                    max_diff=[PersonaScore(code=one.code, score=one.score) for one in arm.result.max_diff],
                )
                for arm in split.arms
            ]
        }
    )
    if question.type == "likert" and len(question.options) >= 2:
        points = [c.ScalePoint(label=option.label, tone="ordered") for option in question.options]
        return persona_scales(apart, points, title)
    if question.max_diff:
        return max_diff_personas(apart, title, "Arm")
    if question.options and question.type != "nps":
        return persona_options(apart, question.options, title, "Arm")
    return persona_means(apart, title, "Arm") if question.type in ("nps", "numeric") else []


def _test(split: SplitResult) -> list[c.Block]:
    if split.chi2 is None:
        return []
    strength = f", Cramér’s V {split.cramers_v:.2f}" if split.cramers_v is not None else ""
    p = "below 0.001" if split.chi2.p < 0.001 else f"{split.chi2.p:.3f}"
    return [c.Text(text=f"Difference between the arms: p {p}{strength}.")]


def split_table(results: SurveyResults) -> list[c.Block]:
    """Return what the method page says of a questionnaire's splits."""
    if not results.splits:
        return []
    columns = [
        c.Column(label="Split", width=1.2),
        c.Column(label="Arm", width=1.8),
        c.Column(label="Words", width=3.4),
        c.Column(label="Planned", align="right", width=0.9),
        c.Column(label="Respondents", align="right", width=1.1),
    ]
    rows: list[list[c.Cell]] = [
        ["" if place else split.key, arm.label, arm.text or "–", percent(arm.share * 100, 1), f"{arm.n:,}"]
        for split in results.splits
        for place, arm in enumerate(split.arms)
    ]
    caption = f"{count(len(results.splits), 'split')} of the questionnaire, with their arms"
    tested = any(split.chi2 for question in results.questions for split in question.by_split)
    return [
        c.Heading(text="Split ballot"),
        c.Text(text=f"{EXPERIMENT} {TESTED}" if tested else EXPERIMENT),
        c.Table(caption=caption, columns=columns, rows=rows),
    ]
