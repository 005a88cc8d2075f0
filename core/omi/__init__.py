"""OMI, the research co-pilot: sessions, chat, guidance and validation, and the stage each exploration has reached.

Owns the tables omi_session, omi_message and omi_stage. Reads the packages below it and counts rows of those above
through its own repository; what it notices comes to it as events. Nobody calls it from below.
"""
