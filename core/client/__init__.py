"""The Python client of the API: submit, wait, stream, cancel, upload, download, verify webhooks.

Owns no table. Imports errors of its own only: it knows the API by its HTTP contract, as any other client does.
"""
