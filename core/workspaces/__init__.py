"""Workspaces: where research lives, and who may enter.

Owns the tables workspace and workspace_member. Imports orgs, auth, jobs, db, errors and clock only.
"""
