"""Explorations: one research question, and all that is made to answer it.

Owns the table exploration. Imports workspaces, events, db, errors and clock only.
"""
