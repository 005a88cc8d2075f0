"""Webhooks: endpoints of workspaces and callbacks of jobs are told of events, signed, until they have taken it.

Owns the tables webhook_endpoint, webhook_message, webhook_attempt, webhook_secret, webhook_sequence and
webhook_progress. Imports mail, jobs, audit, events, crypto, db, receivers, settings, errors and clock only.
"""
