"""Files the product made or was given, in Postgres by default; named by subject, nothing more.

Owns the table stored_file. Imports db and errors only.
"""
