"""Keys with which programs act in one workspace: made and revoked by its admins, shown once, stored as a hash.

Owns the table api_key. Imports workspaces, jobs, auth, audit, db, errors and clock only.
"""
