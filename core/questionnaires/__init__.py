"""Questionnaires: sections of questions in versions; a simulation runs on an immutable snapshot of one.

Owns the tables questionnaire and questionnaire_version. Imports personas, objectives, explorations, workspaces,
jobs, llm, events, audit, db, stats, errors and clock only. `content.py` holds the typed content that surveys reuse;
`building.py` makes it from what a caller sends and names every wrong field.
"""
