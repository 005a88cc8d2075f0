"""The audit log: who did what with rights that others do not have.

Owns the table audit_entry, which takes rows and gives none back: they are neither changed nor deleted, and outlive
the workspace they tell of. Imports db only. What is worth an entry is decided above.
"""
