"""Owns the connection to Postgres: engine, transactions under row-level security, the base of all tables.

Imports settings, errors and clock only.
"""
