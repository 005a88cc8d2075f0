"""Limits: what a workspace and a job may spend, reserved before it is spent; by which model, how many calls at once.

Owns the tables workspace_limit, workspace_setting, budget_hold and spent_day. Its statements also read the rows of
jobs and of the usage ledger, by the names of their tables. Imports db, settings and errors only.
"""
