"""Personas: the invented people of an exploration, in versions, made by a job or by hand.

Owns the tables persona and persona_version. Imports explorations, workspaces, jobs, llm, events, db, stats,
errors and clock only. `generation.py` is the pure part of the job: cells, prompts' input, distinctness, weights.
"""
