"""Secrets at rest: sealed with the first of ENCRYPTION_KEYS, opened with any of them.

Owns no table; a column that holds sealed bytes is made with `columns.sealed_field`. Imports settings only.
"""
