"""Reports: what a study found, as one content model and one renderer per format.

Owns the table report. May import the domains below it (surveys, personas,
explorations …) and the ledgers.
"""
