"""Personas: the invented people of an exploration, in versions, made by a job or by hand.

Owns the tables persona and persona_version, and the Mini-IPIP with its norms (`data/`). Imports explorations,
workspaces, jobs, llm, events, audit, db, stats, errors and clock only. `cells.py`, `generation.py`, `nearness.py` and
`temperament.py` are the pure part of the job: whom to make, what the model is asked, what code decides, who is too
alike, how many people each one stands for.
"""
