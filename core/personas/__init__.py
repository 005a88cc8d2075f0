"""Personas: the invented people of an exploration, in versions, made by a job or by hand.

Owns the tables persona, persona_version, persona_result (what jobs found out about a version) and persona_generation
(the population a job made personas for), traits_validation, persona_confidence (how far evidence
supports a version), and the Mini-IPIP with its norms (`data/`).
Imports objectives, evidence, explorations, workspaces, jobs, llm, events, audit, db, stats, errors and clock only.
`cells.py`, `generation.py`, `nearness.py` and `temperament.py` are the pure part of the job that makes them: whom to
make, what the model is asked, what code decides, who is too alike, how many people each one stands for. `ocean.py`,
`preview.py` and `backstory.py` are that of the jobs on one persona (`profiling.py`), `panel.py` that of judging a panel
(`paneling.py`), `rules.py` what traits cannot be true together. `checks.py` has the job that judges traits, with
`verdicts.py`; `supporting.py` that of confidence, with `confidence.py`; `grounding.py` what a persona is made from.
`transferring.py` copies, exports and imports, in the forms of `files.py`.
"""
