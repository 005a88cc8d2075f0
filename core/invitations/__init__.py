"""Invitations to workspaces and organizations: made, sent again, revoked, accepted once.

Owns the table invitation. Imports workspaces, orgs, auth, mail, audit, db, errors and clock only.
"""
