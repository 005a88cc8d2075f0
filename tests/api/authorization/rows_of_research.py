"""Rows of what is done in a workspace, and of its jobs."""

from __future__ import annotations

from typing import Final

from tests.api.authorization.policies import ANYONE, JOB_READ, JOB_WRITE, WORKSPACE_READ, WORKSPACE_WRITE
from tests.api.authorization.rows import Row, Rows
from tests.factories.explorations import exploration
from tests.factories.personas import persona
from tests.factories.questionnaires import question, questionnaire

WS: Final = "/workspaces/{ws}"
EXP: Final = f"{WS}/explorations/{{exp}}"
NOBODY: Final = "00000000-0000-4000-8000-000000000000"
OBJ: Final = f"{WS}/research-objectives"
QST: Final = f"{EXP}/questionnaires/{{questionnaire_id}}"
SIMULATION: Final = {"questionnaire_id": "{questionnaire_id}", "persona_ids": ["{persona_id}"], "sample_size": 2}
EXPLORATIONS: Final[Rows] = {
    f"POST {WS}/explorations": Row(WORKSPACE_WRITE, 201, body=exploration()),
    f"GET {WS}/explorations": Row(WORKSPACE_READ),
    f"GET {EXP}": Row(WORKSPACE_READ),
    f"GET {EXP}/overview": Row(WORKSPACE_READ),
    f"PATCH {EXP}": Row(WORKSPACE_WRITE, 200, body={"title": "Mood"}),
    f"POST {EXP}/method": Row(WORKSPACE_WRITE, 200, body={"is_quantitative": True}),
    f"DELETE {EXP}": Row(WORKSPACE_WRITE, 404),
}
OBJECTIVES: Final[Rows] = {
    f"POST {OBJ}": Row(WORKSPACE_WRITE, 201, body={"exploration_id": "{exp}"}),
    f"GET {OBJ}": Row(WORKSPACE_READ, query="exploration_id={exp}"),
    f"GET {OBJ}/{{objective_id}}": Row(WORKSPACE_READ),
    f"PATCH {OBJ}/{{objective_id}}": Row(WORKSPACE_WRITE, 200, body={"text": "Who feels worse off?"}),
    f"POST {OBJ}/{{objective_id}}/analyze": Row(WORKSPACE_WRITE, 202, body={"seed": 1}),
    f"POST {OBJ}/{{objective_id}}/clarify": Row(
        WORKSPACE_WRITE,
        409,
        body={"answers": [{"question_id": NOBODY, "answer": "Adults."}]},
        ids={"objective_id": "unasked_id"},
    ),  # nothing was asked
    f"POST {OBJ}/{{objective_id}}/files": Row(WORKSPACE_WRITE, 422),  # no file
    f"GET {OBJ}/{{objective_id}}/files": Row(WORKSPACE_READ),
    f"DELETE {OBJ}/{{objective_id}}/files/{{evidence_id}}": Row(WORKSPACE_WRITE, 404),
    f"GET {OBJ}/{{objective_id}}/analyses": Row(WORKSPACE_READ),
    f"DELETE {OBJ}/{{objective_id}}": Row(WORKSPACE_WRITE, 404),
}
EVIDENCE: Final[Rows] = {
    f"POST {EXP}/evidence": Row(WORKSPACE_WRITE, 422),  # neither a file nor a text
    f"GET {EXP}/evidence": Row(WORKSPACE_READ),
    f"GET {EXP}/evidence/search": Row(WORKSPACE_READ, query="q=mood"),
    f"GET {EXP}/evidence/{{evidence_id}}": Row(WORKSPACE_READ),
    f"GET {EXP}/evidence/{{evidence_id}}/passages": Row(WORKSPACE_READ),
    f"GET {EXP}/evidence/{{evidence_id}}/file": Row(WORKSPACE_READ, 404),  # a pasted text has none
    f"DELETE {EXP}/evidence/{{evidence_id}}": Row(WORKSPACE_WRITE, 404),
}
PERSONAS: Final[Rows] = {
    f"POST {EXP}/personas/auto-generate": Row(WORKSPACE_WRITE, 202, body={"count": 1, "seed": 1}),
    f"POST {EXP}/personas": Row(WORKSPACE_WRITE, 201, body=persona()),
    f"GET {EXP}/personas": Row(WORKSPACE_READ),
    f"GET {EXP}/personas/{{persona_id}}": Row(WORKSPACE_READ),
    f"PATCH {EXP}/personas/{{persona_id}}": Row(WORKSPACE_WRITE, 200, body={"gender": "Female"}),
    f"DELETE {EXP}/personas/{{persona_id}}": Row(WORKSPACE_WRITE, 404),
    f"GET {EXP}/personas/{{persona_id}}/versions": Row(WORKSPACE_READ),
    f"POST {EXP}/personas/traits-validation": Row(
        WORKSPACE_WRITE, 202, body={"trait_group": "work", "traits": {"occupation": "Nurse"}}
    ),
    f"GET {EXP}/personas/export": Row(WORKSPACE_READ),
    f"POST {EXP}/personas/import": Row(WORKSPACE_WRITE, 201, body={"personas": [persona()]}),
    f"POST {EXP}/personas/{{persona_id}}/copy": Row(WORKSPACE_WRITE, 201, body={"exploration_id": "{exp}"}),
    f"GET {EXP}/personas/{{persona_id}}/diff": Row(WORKSPACE_READ),
    f"POST {EXP}/personas/{{persona_id}}/confidence": Row(WORKSPACE_WRITE, 202, body={}),
    f"GET {EXP}/personas/traits-validations": Row(WORKSPACE_READ),
    f"GET {EXP}/personas/traits-validations/{{validation_id}}": Row(WORKSPACE_READ),
    f"GET {EXP}/personas/panel": Row(WORKSPACE_READ),
    f"POST {EXP}/personas/{{persona_id}}/ocean": Row(WORKSPACE_WRITE, 202, body={"repeats": 2}),
    f"GET {EXP}/personas/{{persona_id}}/ocean": Row(WORKSPACE_READ, 404),
    f"POST {EXP}/personas/{{persona_id}}/preview": Row(WORKSPACE_WRITE, 202, body={"seed": 1}),
    f"GET {EXP}/personas/{{persona_id}}/preview": Row(WORKSPACE_READ, 404),
    f"POST {EXP}/personas/{{persona_id}}/backstory": Row(WORKSPACE_WRITE, 202, body={"seed": 1}),
    f"GET {EXP}/personas/{{persona_id}}/backstory": Row(WORKSPACE_READ),
    f"PUT {EXP}/personas/{{persona_id}}/backstory": Row(
        WORKSPACE_WRITE, 200, body={"backstory": "Grew up by the sea."}
    ),
    f"POST {EXP}/population/plan": Row(WORKSPACE_WRITE, 201, body={"persona_ids": ["{persona_id}"], "n": 10}),
    f"GET {EXP}/population/plans": Row(WORKSPACE_READ),
    f"GET {EXP}/population/plans/{{plan_id}}": Row(WORKSPACE_READ),
}
QUESTIONNAIRES: Final[Rows] = {
    f"POST {EXP}/questionnaires": Row(WORKSPACE_WRITE, 201, body=questionnaire()),
    f"GET {EXP}/questionnaires": Row(WORKSPACE_READ),
    f"POST {EXP}/questionnaires/generate": Row(WORKSPACE_WRITE, 409, body={}),  # no analysed objective
    f"POST {EXP}/questionnaires/upload": Row(WORKSPACE_WRITE, 422),  # no file
    f"GET {EXP}/questionnaires/{{questionnaire_id}}": Row(WORKSPACE_READ),
    f"PATCH {EXP}/questionnaires/{{questionnaire_id}}": Row(WORKSPACE_WRITE, 200, body={"title": "Mood"}),
    f"DELETE {EXP}/questionnaires/{{questionnaire_id}}": Row(WORKSPACE_WRITE, 404),
    f"GET {EXP}/questionnaires/{{questionnaire_id}}/versions": Row(WORKSPACE_READ),
    f"GET {EXP}/questionnaires/{{questionnaire_id}}/lint": Row(WORKSPACE_READ),
    f"POST {EXP}/questionnaires/{{questionnaire_id}}/duplicate": Row(WORKSPACE_WRITE, 201, body={}),
}
SECTIONS: Final[Rows] = {
    f"GET {QST}/export": Row(WORKSPACE_READ, query="format=qsf"),
    f"POST {QST}/sections": Row(WORKSPACE_WRITE, 201, body={"title": "More"}),
    f"GET {QST}/sections": Row(WORKSPACE_READ),
    f"GET {QST}/sections/{{section_id}}": Row(WORKSPACE_READ),
    f"PATCH {QST}/sections/{{section_id}}": Row(WORKSPACE_WRITE, 200, body={"title": "First"}),
    f"DELETE {QST}/sections/{{section_id}}": Row(WORKSPACE_WRITE, 404),
    f"POST {QST}/reorder": Row(WORKSPACE_WRITE, 422, body={"sections": [{"id": NOBODY}]}),  # names what is not there
    f"POST {QST}/sections/{{section_id}}/questions": Row(WORKSPACE_WRITE, 201, body=question("nps")),
    f"GET {QST}/sections/{{section_id}}/questions": Row(WORKSPACE_READ),
    f"GET {QST}/sections/{{section_id}}/questions/{{question_id}}": Row(WORKSPACE_READ),
    f"PATCH {QST}/sections/{{section_id}}/questions/{{question_id}}": Row(
        WORKSPACE_WRITE, 200, body={"required": False}
    ),
    f"DELETE {QST}/sections/{{section_id}}/questions/{{question_id}}": Row(WORKSPACE_WRITE, 404),
    f"POST {QST}/sections/{{section_id}}/questions/{{question_id}}/duplicate": Row(WORKSPACE_WRITE, 201),
}
ANCHOR_SETS: Final[Rows] = {
    f"POST {WS}/anchor-sets": Row(
        WORKSPACE_WRITE, 409, body={"name": "Mood", "points": 2, "sets": [["No, never.", "Yes, always."]]}
    ),  # the name is taken
    f"GET {WS}/anchor-sets": Row(WORKSPACE_READ),
    f"GET {WS}/anchor-sets/{{anchor_set_id}}": Row(WORKSPACE_READ),
    f"PATCH {WS}/anchor-sets/{{anchor_set_id}}": Row(WORKSPACE_WRITE, 200, body={"name": "Mood"}),
    f"DELETE {WS}/anchor-sets/{{anchor_set_id}}": Row(WORKSPACE_WRITE, 404),
}
SIMULATIONS: Final[Rows] = {
    f"POST {EXP}/simulations": Row(WORKSPACE_WRITE, 202, body=SIMULATION),
    f"GET {EXP}/simulations": Row(WORKSPACE_READ),
    f"POST {EXP}/simulations/estimate": Row(WORKSPACE_WRITE, 200, body=SIMULATION),
    f"GET {EXP}/simulations/{{simulation_id}}": Row(WORKSPACE_READ),
    f"PATCH {EXP}/simulations/{{simulation_id}}": Row(WORKSPACE_WRITE, 200, body={"is_download": True}),
    f"GET {EXP}/simulations/compare": Row(WORKSPACE_READ, 422, query="a={simulation_id}&b={simulation_id}"),  # one
    f"POST {EXP}/simulations/{{simulation_id}}/extend": Row(
        WORKSPACE_WRITE, 422, body={"n": 50_000}
    ),  # too many in all
    f"POST {EXP}/simulations/{{simulation_id}}/rerun": Row(WORKSPACE_WRITE, 202, body={}),
    f"GET {EXP}/simulations/{{simulation_id}}/results": Row(WORKSPACE_READ),
    f"GET {EXP}/simulations/{{simulation_id}}/crosstab": Row(WORKSPACE_READ, query="row=persona&col=persona"),
    f"GET {EXP}/simulations/{{simulation_id}}/banner": Row(WORKSPACE_READ, query="cols=persona"),
    f"GET {EXP}/simulations/{{simulation_id}}/quality": Row(WORKSPACE_READ),
    f"GET {EXP}/simulations/{{simulation_id}}/anchors": Row(WORKSPACE_READ),
    f"GET {EXP}/simulations/{{simulation_id}}/retest": Row(WORKSPACE_READ),
    f"GET {EXP}/simulations/{{simulation_id}}/responses": Row(WORKSPACE_READ),
    f"GET {EXP}/simulations/{{simulation_id}}/export": Row(WORKSPACE_READ, query="format=jsonl"),
}
SEGMENTS: Final[Rows] = {
    f"POST {EXP}/segments": Row(WORKSPACE_WRITE, 201, body={"name": "Young", "conditions": ["a:age=18-29"]}),
    f"GET {EXP}/segments": Row(WORKSPACE_READ),
    f"GET {EXP}/segments/{{segment_id}}": Row(WORKSPACE_READ),
    f"PATCH {EXP}/segments/{{segment_id}}": Row(WORKSPACE_WRITE, 200, body={"name": "Under 30"}),
    f"DELETE {EXP}/segments/{{segment_id}}": Row(WORKSPACE_WRITE, 404),
    f"POST {EXP}/simulations/{{simulation_id}}/weightings": Row(
        WORKSPACE_WRITE, 422, body={"name": "Census", "targets": {"margins": {"age": {"18-29": 1.0}}}}
    ),  # nobody has answered
    f"GET {EXP}/simulations/{{simulation_id}}/weightings": Row(WORKSPACE_READ),
    f"GET {EXP}/simulations/{{simulation_id}}/weightings/{{weighting_id}}": Row(WORKSPACE_READ),
    f"DELETE {EXP}/simulations/{{simulation_id}}/weightings/{{weighting_id}}": Row(WORKSPACE_WRITE, 404),
}
THEMES: Final[Rows] = {
    f"POST {EXP}/simulations/{{simulation_id}}/themes": Row(WORKSPACE_WRITE, 202, body={"max_themes": 3}),
    f"GET {EXP}/simulations/{{simulation_id}}/themes": Row(WORKSPACE_READ),
    f"GET {EXP}/simulations/{{simulation_id}}/themes/{{coding_id}}": Row(WORKSPACE_READ),
}
REPORTS: Final[Rows] = {
    f"POST {EXP}/reports": Row(
        WORKSPACE_WRITE, 202, body={"kind": "survey", "formats": ["pdf"], "simulation_id": "{simulation_id}"}
    ),
    f"GET {EXP}/reports": Row(WORKSPACE_READ),
    f"GET {EXP}/reports/{{report_id}}": Row(WORKSPACE_READ),
    f"DELETE {EXP}/reports/{{report_id}}": Row(WORKSPACE_WRITE, 404),
    f"GET {EXP}/reports/{{report_id}}/files/{{format_}}": Row(WORKSPACE_READ),
}
JOBS: Final[Rows] = {
    "GET /jobs": Row(ANYONE),
    "GET /jobs/{job_id}": Row(JOB_READ),
    "GET /jobs/{job_id}/events": Row(JOB_READ),
    "POST /jobs/{job_id}/cancel": Row(JOB_WRITE),  # it is done already
    "POST /jobs/{job_id}/retry": Row(JOB_WRITE, 409),  # it succeeded
    "GET /jobs/{job_id}/children": Row(JOB_READ),
    "GET /jobs/{job_id}/attempts": Row(JOB_READ),
}
