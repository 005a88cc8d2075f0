"""Mails: written with the change they tell of, delivered by durable jobs, their content sealed until then.

Owns the table mail. Imports jobs, crypto, db, settings, errors and clock only; knows no user and no workspace.
"""
