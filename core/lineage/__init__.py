"""What things were made from: each answer, persona version and finding names its model call.

Owns the table lineage. Imports db only; subjects are named by type and id, nothing more.
"""
