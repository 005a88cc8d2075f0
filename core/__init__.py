"""The domain of synthetic people: one package per subject, in a total order (see pyproject.toml)."""
