"""Explorations: one research question, and all that is made to answer it.

Owns the table exploration. Imports workspaces, jobs, events, db, errors and clock only.
"""
