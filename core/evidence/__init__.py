"""Evidence: documents of an exploration, as files or as text, and the passages they are quoted by.

Owns the tables evidence and passage; keeps the files in storage. Imports explorations, workspaces, jobs, events,
storage, crypto, db, errors and clock only.
"""
