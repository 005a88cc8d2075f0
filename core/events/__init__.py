"""The outbox: every change worth telling writes one row in its own transaction.

Owns the table event. Imports db only. What is told, and to whom, is decided above.
"""
