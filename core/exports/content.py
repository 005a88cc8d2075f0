"""What an export holds: the tables of a workspace one by one, each whole or left out for a reason.

A table of a workspace that stands in neither list fails a test: whoever adds one decides.
"""

from __future__ import annotations

from typing import Final

HELD: Final[dict[str, tuple[str, ...]]] = {
    "anchor_set": (),
    "answer": (),
    "api_key": ("secret_hash",),
    "audit_entry": (),
    "event": (),
    "evidence": (),
    "exploration": (),
    "invitation": ("token_hash",),
    "job": (),
    "job_attempt": (),
    "lineage": (),
    "llm_call": (),
    "omi_message": (),
    "omi_session": (),
    "omi_stage": (),
    "passage": ("search",),
    "persona": (),
    "persona_generation": (),
    "persona_result": (),
    "persona_confidence": (),
    "persona_version": (),
    "population_plan": (),
    "questionnaire": (),
    "questionnaire_version": (),
    "report": (),
    "research_objective": (),
    "research_objective_analysis": (),
    "respondent": (),
    "retest_answer": (),
    "segment": (),
    "simulation": (),
    "stored_file": ("data",),
    "theme_assignment": (),
    "theme_coding": (),
    "traits_validation": (),
    "weighting": (),
    "webhook_endpoint": ("secret", "previous_secret", "previous_secret_expires_at"),
    "workspace_limit": (),
    "workspace_member": (),
    "workspace_setting": (),
}
"""Tables whose rows are in an export, each as `data/<table>.json`; and the columns that are not: secrets, what
search makes of texts, and the bytes of files, which are files of their own there."""
LEFT_OUT: Final[dict[str, str]] = {
    "answer_column": "answers once more, in the form figures are computed from",
    "budget_hold": "money set aside by runs under way: of no meaning a moment later",
    "idempotency_record": "keys of requests, kept for two days",
    "job_event": "what jobs told their watchers while they ran; how they ended is in job and job_attempt",
    "job_step": "the checkpoints of jobs; what was made of them is in the tables of results",
    "llm_answer": "a cache of replies; what was made of them is in the tables of results",
    "mail": "mails on their way; what they say is sealed",
    "spent_day": "sums of llm_call",
    "webhook_attempt": "the log of deliveries, kept for 30 days",
    "webhook_message": "events as they were sent, kept for 30 days; the events are in event",
    "webhook_progress": "what was last told of jobs under way",
    "webhook_secret": "sealed secrets",
    "webhook_sequence": "the numbers last given to events",
    "workspace_export": "the exports themselves",
}
"""Tables of a workspace that an export leaves out, each with the reason."""
