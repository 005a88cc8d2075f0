"""Examples of the main requests and answers, for the OpenAPI document; a test holds them to their schemas."""

from __future__ import annotations

from typing import Any, Final

from api.examples_surveys import REQUESTS as SURVEY_REQUESTS

_WORKSPACE: Final = "0198c5a0-5a3e-7c11-9d53-0f6a3f2f8a01"
_EXPLORATION: Final = "0198c5a1-1b7d-7e02-8a44-5c1d2e3f4a02"
_QUESTIONNAIRE: Final = "0198c5a2-77aa-7b63-b1c5-6d7e8f9a0b03"
_PLAN: Final = "0198c5a3-0c4f-7d24-93e6-7e8f9a0b1c04"
_SIMULATION: Final = "0198c5a4-2e5a-7f35-a4f7-8f9a0b1c2d05"
_JOB: Final = "0198c5a4-2e61-7a46-b508-9a0b1c2d3e06"
_QUESTION: Final = "0198c5a6-4a7c-7c68-972a-1c2d3e4f5a09"
_PERSONA: Final = "0198c5a5-3f6b-7b57-8619-0b1c2d3e4f07"
_USER: Final = "0198c59f-0a1b-7c68-972a-1c2d3e4f5a08"

JOB: Final[dict[str, Any]] = {
    "id": _JOB,
    "kind": "simulations.run",
    "status": "running",
    "done": False,
    "workspace_id": _WORKSPACE,
    "exploration_id": _EXPLORATION,
    "subject_type": "simulation",
    "subject_id": _SIMULATION,
    "attempt": 1,
    "max_attempts": 3,
    "next_attempt_at": None,
    "progress": {"done": 120, "total": 400, "message": "Asking 200 respondents"},
    "result": None,
    "error": None,
    "usage": {"calls": 120, "input_tokens": 54_000, "output_tokens": 6_200, "cost_usd": 0.026, "replayed_calls": 0},
    "created_at": "2026-01-31T12:00:00Z",
    "started_at": "2026-01-31T12:00:01Z",
    "finished_at": None,
    "cancel_requested_at": None,
    "created_by": {"type": "user", "id": _USER},
}
_QUEUED: Final = JOB | {
    "status": "queued",
    "attempt": 0,
    "progress": {"done": 0, "total": 0, "message": ""},
    "usage": {"calls": 0, "input_tokens": 0, "output_tokens": 0, "cost_usd": None, "replayed_calls": 0},
    "started_at": None,
}
PROBLEM: Final[dict[str, Any]] = {
    "type": "urn:synthetic-people:error:invalid",
    "title": "Invalid",
    "status": 422,
    "detail": "The input is not valid.",
    "instance": f"/workspaces/{_WORKSPACE}/explorations",
    "code": "invalid",
    "request_id": "9f1c2d3e4f5a4b6c8d7e0f1a2b3c4d5e",
    "errors": [{"loc": ["body", "title"], "msg": "Field required"}],
}
REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "create_evidence": {
        "title": "Dairy alternatives in 2025",
        "text": "One buyer in three has tried an oat-based yoghurt; price is the first reason not to buy it again.",
        "source": "Institute of Food Studies",
        "published_at": "2025-03-01",
    },
    "login": {"email": "ada@example.org", "password": "correct horse battery staple"},
    "create_workspace": {"name": "Oat yoghurt"},
    "create_exploration": {
        "title": "Oat yoghurt concept test",
        "description": "Shall a dairy cooperative launch an oat-based yoghurt under its own brand?",
        "country": "United Kingdom",
    },
    "generate_personas": {
        "count": 6,
        "seed": 7,
        "targets": {"margins": {"gender": {"Female": 0.51, "Male": 0.49}}},
    },
    "compute_confidence": {"job": {"priority": "interactive"}},
    "copy_persona": {"exploration_id": _EXPLORATION},
    "import_personas": {"personas": [{"name": "Ada Lopez", "gender": "Female", "attributes": {"region": "Wales"}}]},
    "create_population_plan": {"persona_ids": [_PERSONA], "n": 200},
    "create_questionnaire": {
        "title": "Concept",
        "sections": [
            {
                "title": "Interest",
                "questions": [
                    {
                        "key": "buy",
                        "type": "single_choice",
                        "text": "Would you buy it?",
                        "options": ["Yes", "Perhaps", "No"],
                    },
                    {"key": "why", "type": "open_ended", "text": "Why?"},
                ],
            }
        ],
    },
    "run_simulation": {
        "questionnaire_id": _QUESTIONNAIRE,
        "plan_id": _PLAN,
        "seed": 7,
        "job": {"priority": "batch", "max_cost_usd": 5},
    },
    "generate_questionnaire": {"questions": 15, "language": "en", "seed": 7},
    "duplicate_questionnaire": {"title": "Second wave"},
    "estimate_simulation": {"questionnaire_id": _QUESTIONNAIRE, "plan_id": _PLAN, "seed": 7},
    "build_report": {"kind": "survey", "formats": ["pdf"], "simulation_id": _SIMULATION},
    "sign_up": {"email": "ada@example.org", "password": "correct horse battery staple", "full_name": "Ada Lopez"},
    "resend_verification": {"email": "ada@example.org"},
    "forgot_password": {"email": "ada@example.org"},
    "reset_password": {"new_password": "staple battery horse correct"},
    "change_password": {
        "current_password": "correct horse battery staple",
        "new_password": "staple battery horse correct",
    },
    "refresh_tokens": {"refresh_token": "r-…"},
    "update_me": {"full_name": "Ada Lopez", "notify_on_job_end": True},
    "erase_me": {"password": "correct horse battery staple"},
    "create_organization": {"name": "Dairy Cooperative"},
    "update_organization": {"name": "Dairy Cooperative North"},
    "invite_to_organization": {"email": "ben@example.org", "role": "member"},
    "update_organization_member": {"role": "admin"},
    "transfer_organization": {"user_id": _USER},
    "update_workspace": {"name": "Oat yoghurt 2026"},
    "update_workspace_settings": {"budgets": {"daily_usd": 20}, "concurrency": 10},
    "export_workspace": {"job": {"callback_url": "https://hooks.example.org/exports"}},
    "invite_to_workspace": {"email": "ben@example.org", "role": "member"},
    "update_workspace_member": {"role": "admin"},
    "accept_invitation": {"token": "q7Yx0J2mV9c1tQm3…"},
    "update_exploration": {"title": "Oat yoghurt, second wave"},
    "set_exploration_method": {"is_quantitative": True, "is_qualitative": False},
    "create_research_objective": {
        "exploration_id": _EXPLORATION,
        "title": "Who buys oat yoghurt",
        "text": "Which households would change from dairy to an oat-based yoghurt, and what keeps the others?",
    },
    "analyze_objective": {"seed": 7},
    "clarify_objective": {
        "answers": [{"question_id": _QUESTION, "answer": "Whether to launch at 1.90 or at 2.60 pounds, by September."}]
    },
    "update_research_objective": {"title": "Who changes to oat yoghurt"},
    "create_omi_session": {"exploration_id": _EXPLORATION},
    "update_omi_session": {"state": "listening"},
    "send_omi_message": {"content": "Is my objective precise enough?"},
    "guide_by_omi": {"exploration_id": _EXPLORATION, "stage": "persona_builder"},
    "validate_by_omi": {
        "exploration_id": _EXPLORATION,
        "stage": "research_objectives",
        "data": {"text": "Which households would change from dairy to an oat-based yoghurt?"},
    },
    "tell_omi_event": {"event": "SAMPLE_SIZE_ENTERED", "payload": {"sample_size": 400, "personas": 8}},
    "create_persona": {"name": "Moira Campbell", "gender": "Female", "attributes": {"age": "30-44"}},
    "validate_traits": {"trait_group": "demographics", "traits": {"age_range": {"min": 30, "max": 44}}},
    "administer_ocean": {"seed": 7, "repeats": 2},
    "preview_persona": {"seed": 7},
    "write_persona_backstory": {"seed": 7},
    "set_persona_backstory": {"backstory": "Maya grew up above her parents' bakery in Leeds and trained as a nurse."},
    "update_persona": {"occupation": "School nurse"},
    "update_questionnaire": {"title": "Concept, second wave"},
    "update_simulation": {"is_download": True},
    "retry_job": {"job": {"max_cost_usd": 10}},
    "update_webhook": {"event_types": ["*"], "status": "enabled"},
    "update_user": {"is_active": False},
    "create_pause": {"scope": "kind", "value": "simulations.run", "reason": "The model endpoint is being moved."},
    "retry_failed_jobs": {"kind": "reports.build", "since": "2026-01-31T00:00:00Z", "limit": 50},
    "create_api_key": {"name": "nightly export", "scopes": ["read"]},
    "create_webhook": {"url": "https://hooks.example.org/research", "event_types": ["job.failed", "report.ready"]},
    "create_ticket": {"path": f"/jobs/{_JOB}/events"},
    **SURVEY_REQUESTS,
}
ANSWERS: Final[dict[tuple[str, int], dict[str, Any]]] = {
    ("login", 200): {
        "access_token": "eyJhbGciOiJIUzI1NiJ9.…",
        "refresh_token": "r-…",
        "token_type": "bearer",
        "expires_in": 1800,
    },
    ("run_simulation", 202): _QUEUED,
    ("generate_personas", 202): _QUEUED
    | {"kind": "personas.generate", "subject_type": "exploration", "subject_id": _EXPLORATION},
    ("generate_questionnaire", 202): _QUEUED
    | {"kind": "questionnaires.generate", "subject_type": "exploration", "subject_id": _EXPLORATION},
    ("get_job", 200): JOB,
    ("list_jobs", 200): {"items": [JOB], "next_cursor": None},
    ("cancel_job", 202): JOB | {"cancel_requested_at": "2026-01-31T12:01:00Z"},
    ("create_ticket", 201): {
        "url": f"/jobs/{_JOB}/events?ticket=eyJhbGciOiJIUzI1NiJ9.…",
        "expires_at": "2026-01-31T12:01:00Z",
    },
}
TAGS: Final = {
    "service": "Whether the service is up, and ready.",
    "auth": "Accounts, logins, sessions, passwords.",
    "organizations": "Organizations and who is in them; each has workspaces.",
    "workspaces": "Workspaces: all research belongs to one. Their settings, usage and export.",
    "members": "Who is in a workspace, and as what.",
    "invitations": "Inviting people to workspaces and organizations, and accepting.",
    "api keys": "Keys by which programs act in one workspace.",
    "webhooks": "Being told of what happens in a workspace (Standard Webhooks 1.0.0).",
    "explorations": "Explorations: one brief, and all that is studied for it.",
    "research objectives": "What a study is to find out, in ten components that rest on the words of the brief.",
    "evidence": "Documents that a study rests on, in passages that can be found and cited.",
    "personas": "The people of an exploration: made by the model, or by hand.",
    "population": "Whom a simulation asks: targets, weights, allocation.",
    "questionnaires": "What is asked.",
    "anchor sets": "Sentences by which statements are rated on a scale: one for each of its points, set by set.",
    "simulations": "Respondents answer a questionnaire; results, responses and files of them.",
    "reports": "Reports, built from the recorded answers.",
    "jobs": "Work: read it, wait for it, follow it, cancel it, run it again.",
    "tickets": "Links for what cannot send a header.",
    "omi": "The co-pilot: sessions, guidance, validation, events of the workflow.",
    "audit log": "What was done to members, roles, keys and settings, and by whom.",
    "admin": "For superadmins: accounts, jobs, workers, pauses.",
}
