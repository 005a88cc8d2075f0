"""Questionnaires read from files: `intake.read` is the way in, the rest is pure or runs in a bounded process."""
