"""Exports: all of a workspace as one ZIP, made by a job, kept for a while.

Owns the table workspace_export; its files are pieces in storage. Reads the rows of all tables of a workspace, by the
names of their tables. Imports surveys, workspaces, jobs, storage, audit, db, errors and clock only.
"""
