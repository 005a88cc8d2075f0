"""What an exploration holds, at a glance: counts that each package makes of its own, what is under way, what is newest.

Owns no table. Imports the services of what it counts, jobs and explorations only.
"""
