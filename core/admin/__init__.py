"""Administration across tenants: accounts, jobs, workers, queues, pauses and figures, for superadmins;
the erasure of an account, by its owner.

Owns no tables. Reads in the system scope. Imports everything below it; only the command line and the embedded stack
stand above.
"""
