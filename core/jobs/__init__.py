"""Durable jobs: the job row is the outbox, every write by a worker is fenced by its claim epoch.

Owns the tables job, job_attempt, job_step, job_event, worker, lease, pause and
idempotency_record.
Imports lineage, events, storage, limits, db, redis, settings, errors and clock only; arq only in `queue.py`.

The life of a job::

    queued → dispatched → running → succeeded | failed | cancelled
                  ↖ retry_wait ↙          waiting = parent of running shards

`contract.py` declares kinds, `service.py` serves callers (submit, read, cancel, retry), `engine.py` holds the
statements of claim, step, finish and rescue that the worker runs, `queue.py` carries hints over Redis.
"""
