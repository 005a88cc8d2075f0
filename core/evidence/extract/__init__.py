"""What runs in the bounded process: a file's bytes become passages. Nothing here reads a setting or a database."""
