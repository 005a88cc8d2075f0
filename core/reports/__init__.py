"""Reports: what a study found, as one content model and one renderer per format.

Tables: `report`, `report_file`. May import the domains below it (surveys, personas,
explorations …) and the ledgers.
"""
