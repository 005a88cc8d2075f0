"""Split ballots in a report: each arm's words and figures, and on the method page who was in which."""

from __future__ import annotations

from typing import Any

import pytest

from core.reports import content as c
from core.reports.survey_arms import EXPERIMENT, arm_blocks, plainly, split_table
from core.reports.survey_input import SurveyResults

SPLITS = [
    {
        "key": "price",
        "arms": [
            {"code": "low", "label": "Cheap", "text": "$3", "share": 0.5, "n": 50},
            {"code": "high", "label": "Dear", "text": "$9", "share": 0.5, "n": 50},
        ],
    }
]


def result(text: str, n: int, yes: int, **members: Any) -> dict[str, Any]:
    options = [
        {"code": code, "label": label, "count": count, "pct": 100 * count / max(n, 1)}
        for code, label, count in (("1", "Yes, at {{price}}", yes), ("2", "No", n - yes))
    ]
    whole = {"key": "buy", "type": "single_choice", "text": text, "n": n, "options": options, "mean": 1.5}
    return whole | members


def results(low: int = 50, high: int = 50, **members: Any) -> SurveyResults:
    arms = [
        {"arm": arm, "label": label, "result": result(f"Buy at {words} for {{{{brand}}}}?", n, n // 5)}
        for arm, label, words, n in (("low", "Cheap", "$3", low), ("high", "Dear", "$9", high))
    ]
    by_split = [{"split": "price", "arms": arms, "chi2": {"p": 0.0312}, "cramers_v": 0.214}]
    question = result("Buy at {{price}} for {{brand}}?", low + high, 20, by_split=by_split, **members)
    return SurveyResults.model_validate({"simulation_id": "s", "splits": SPLITS, "questions": [question]})


def said(blocks: list[c.Block]) -> list[str]:
    return [block.text for block in blocks if isinstance(block, c.Text)]


def test_a_text_has_the_words_of_all_arms_and_an_answer_in_brackets() -> None:
    [question] = plainly(results()).questions
    assert question.text == "Buy at $3 / $9 for [brand]?"
    assert question.options[0].label == "Yes, at $3 / $9"


def test_rows_of_a_matrix_and_items_of_a_ranking_have_the_words_of_all_arms() -> None:
    row = {"key": "buy.1", "type": "likert", "text": "Worth {{price}}"}
    item = {"code": "1", "label": "At {{price}}"}
    [question] = plainly(results(rows=[row], ranking=[item])).questions
    assert (question.rows[0].text, question.ranking[0].label) == ("Worth $3 / $9", "At $3 / $9")


def test_each_arm_has_its_words_its_figures_and_the_test_between_them() -> None:
    told = plainly(results())
    blocks = arm_blocks(told.questions[0], told.splits, 1)
    [facts] = [block for block in blocks if isinstance(block, c.Facts)]
    assert [(fact.label, fact.value) for fact in facts.items] == [
        ("Cheap", "Buy at $3 for [brand]?"), ("Dear", "Buy at $9 for [brand]?"),
    ]  # fmt: skip
    [table] = [block for block in blocks if isinstance(block, c.Table)]
    assert (table.columns[0].label, len(table.rows)) == ("Arm", 2)
    assert said(blocks) == ["Difference between the arms: p 0.031, Cramér’s V 0.21."]
    assert isinstance(blocks[-1], c.Heading)


@pytest.mark.parametrize("type_", ["likert", "nps", "numeric"])
def test_each_type_has_figures_by_arm(type_: str) -> None:
    told = plainly(results(type=type_))
    blocks = arm_blocks(told.questions[0], told.splits, 1)
    assert any(isinstance(block, c.ScaleChart if type_ == "likert" else c.Table) for block in blocks)


def test_a_question_of_one_arm_says_so_and_has_no_comparison() -> None:
    told = plainly(results(low=0))
    blocks = arm_blocks(told.questions[0], told.splits, 1)
    assert said(blocks) == ["Put only to one part of the split price: Dear."]
    assert len(blocks) == 1


def test_the_method_page_tells_of_the_experiment_and_how_many_were_in_each_arm() -> None:
    blocks = split_table(results())
    assert said(blocks)[0].startswith(EXPERIMENT)
    [table] = [block for block in blocks if isinstance(block, c.Table)]
    assert table.rows == [["price", "Cheap", "$3", "50.0%", "50"], ["", "Dear", "$9", "50.0%", "50"]]
    assert split_table(SurveyResults(simulation_id="s", questions=[])) == []
