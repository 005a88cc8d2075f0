"""The command line: `synthetic-people up`, `doctor` and `demo`. Owns no tables; may import all of core."""
