"""Renderers, one per format, in a process of their own: `python -m core.reports.render`."""
