"""Owns the connection to Redis: hints only, nothing that must not be lost.

Imports settings and errors only.
"""
