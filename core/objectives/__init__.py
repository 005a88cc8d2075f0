"""Research objectives: what a study is to find out, taken apart into ten components that rest on the user's words.

Owns the tables research_objective and research_objective_analysis. Imports evidence, explorations, workspaces, jobs,
llm, events, audit, db, errors and clock only. `spans.py`, `judging.py`, `scoring.py` and `questions.py` are pure: where
a quote stands in the source, what is believed of a model's reply, what it is worth, what to ask.
"""
