"""Survey simulations: respondents are individuals, each answer recorded with its method and origin.

Owns the tables simulation, respondent and answer. Imports population, questionnaires, personas, explorations,
workspaces, jobs, llm, lineage, events, stats and db.

`methods.py` decides how each question is asked, `elicitation.py` turns questions into prompts and replies into
answers, `sharding.py` divides the work, `results.py` computes, `export.py` writes files; all of these are pure.
"""
