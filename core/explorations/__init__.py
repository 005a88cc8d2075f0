"""Explorations: one research question, and all that is made to answer it.

Owns the table exploration. Imports workspaces, jobs, events, audit, db, errors and clock only.
"""
