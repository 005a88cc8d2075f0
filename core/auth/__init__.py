"""Who calls: users, passwords, sessions, access tokens.

Owns the tables app_user and auth_session. Imports jobs (its Author), db, settings, errors and clock only.
"""
