"""The command line: `synthetic-people up`, `doctor`, `demo` and `database-url`. Owns no tables.

May import all of core.
"""
