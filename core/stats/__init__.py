"""Statistics as pure functions of recorded answers: no session, no clock, no I/O, no tables.

May import `core.errors` and `core.clock` only (today it needs neither); numpy is imported inside the
functions that use it, so that the API process never loads it at start.
"""
