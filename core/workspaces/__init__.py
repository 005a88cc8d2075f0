"""Workspaces: where research lives, and who may enter.

Owns the tables workspace and workspace_member. Imports orgs, auth, jobs, limits, db, errors and clock only.
"""
