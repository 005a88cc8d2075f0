"""How often one may ask: limits per caller for all requests, per account and address for what is worth guessing.

Owns no table; its buckets are in Redis. Imports redis, settings and errors only.
"""
