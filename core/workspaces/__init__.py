"""Workspaces: where research lives, and who may enter.

Owns the tables workspace and workspace_member. Imports orgs, auth, jobs, limits, audit, db, errors and clock only.
"""
