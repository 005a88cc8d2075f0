"""Themes of open-ended answers: a model proposes a codebook and codes the texts, code checks quotes and counts.

Owns the tables theme_coding and theme_assignment. Imports surveys, questionnaires, objectives (the finding of quotes),
explorations, workspaces, jobs, llm, events, audit, db, stats, errors and clock only.
"""
