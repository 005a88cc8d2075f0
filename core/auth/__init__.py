"""Who calls: users, passwords, sessions, access tokens, tokens that mails carry.

Owns the tables app_user, auth_session, spent_refresh_token and auth_token. Imports mail, jobs (its Author), audit, db,
settings, errors and clock only.
"""
