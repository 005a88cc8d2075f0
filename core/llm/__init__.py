"""The model client: versioned prompts, one owner of retries, validated replies, a ledger of what was spent.

Owns the tables llm_call (usage ledger) and llm_answer (answer cache of a workspace).
Keeps the limits per minute of a model in Redis (keys `sp:model:…`), which may lose them.
Imports db, redis, settings, errors and clock only; the `openai` SDK inside the transport, on first use.

`prompts.py` says what is asked, `client.py` asks it, `service.py` remembers answers and spending. What a call has to
pass: `breaker.py` (is the endpoint there), `limiter.py` (may it be asked now), `concurrency.py` (how many at a time);
`spending.py` says who pays.
No database session is opened here, and none is held while a model is asked.
"""
