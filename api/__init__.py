"""The HTTP service: translates requests into domain calls and their outcomes into HTTP."""
