"""Organizations: who owns workspaces. Each user has one of their own.

Owns the tables organization and organization_member. Imports auth, audit, db, errors and clock only.
"""
