"""Population plans: how many respondents, whom they stand for and which persona plays them; pure arithmetic.

Owns the table population_plan. Imports personas, explorations, events, db, stats and errors only.
`respondents.py` draws the respondents of a simulation, with a plan or without one.
"""
