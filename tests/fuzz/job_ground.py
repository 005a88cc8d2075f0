"""A database that notes every change of a job, read past the engine: what it holds, not what a function returned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from core.db.session import asyncpg_url

_NOTE_CHANGES = """
    CREATE TABLE IF NOT EXISTS job_change (
        id bigserial PRIMARY KEY, job_id uuid, workspace_id uuid, old_status text, new_status text, old_epoch bigint,
        new_epoch bigint, old_version bigint, new_version bigint);
    CREATE OR REPLACE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
        INSERT INTO job_change (job_id, workspace_id, old_status, new_status, old_epoch, new_epoch, old_version,
            new_version) VALUES (NEW.id, NEW.workspace_id, OLD.status, NEW.status, OLD.claim_epoch, NEW.claim_epoch,
            OLD.version, NEW.version);
        RETURN NULL; END $$;
    CREATE OR REPLACE TRIGGER note_change AFTER UPDATE ON job FOR EACH ROW WHEN (
        (OLD.status, OLD.claim_epoch, OLD.version) IS DISTINCT FROM (NEW.status, NEW.claim_epoch, NEW.version))
        EXECUTE FUNCTION note_change();
"""
_JOBS = """
    SELECT *, lease_until < clock_timestamp() AS lapsed, deadline_at < clock_timestamp() AS overdue,
        next_attempt_at <= clock_timestamp() AS due,
        (SELECT count(*) FROM job_step s WHERE s.job_id = job.id) AS steps
    FROM job WHERE workspace_id = $1 ORDER BY created_at, shard_no, id
"""
_DIGEST = "SELECT md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) FROM {} t WHERE workspace_id = $1"
TABLES = ("job", "job_attempt", "job_step", "job_event", "event")
# What a job waits for moves into the past, as if so many seconds had gone by for it.
_PASS = """
    UPDATE job SET lease_until = lease_until - $2::interval, deadline_at = deadline_at - $2::interval,
        next_attempt_at = next_attempt_at - $2::interval, dispatched_at = dispatched_at - $2::interval,
        updated_at = updated_at - $2::interval
    WHERE workspace_id = $1 AND finished_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is stored about the jobs of one workspace."""

    jobs: Mapping[UUID, Any] = field(default_factory=dict)
    attempts: Sequence[Any] = ()
    told: Sequence[Any] = ()
    events: Sequence[Any] = ()
    changes: Sequence[Any] = ()

    def children(self, parent_id: UUID) -> list[Any]:
        """Return a parent's shards."""
        return [row for row in self.jobs.values() if row["parent_id"] == parent_id]


class Ground:
    """Connections to the database as its owner: one to look with, one for heartbeats."""

    def __init__(self, looking: asyncpg.Connection, beating: asyncpg.Connection) -> None:
        self._looking = looking
        self.beating = beating

    @classmethod
    async def prepare(cls, url: str) -> Ground:
        """Connect to a migrated database and let it note changes from now on."""
        looking = await asyncpg.connect(asyncpg_url(url))
        await looking.execute(_NOTE_CHANGES)
        return cls(looking, await asyncpg.connect(asyncpg_url(url)))

    async def close(self) -> None:
        """Close the connections."""
        await self._looking.close()
        await self.beating.close()

    async def look(self, workspace_id: UUID) -> Picture:
        """Return what is stored now."""

        async def rows(query: str) -> list[Any]:
            return list(await self._looking.fetch(query, workspace_id))

        return Picture(
            {row["id"]: row for row in await rows(_JOBS)},
            await rows("SELECT * FROM job_attempt WHERE workspace_id = $1 ORDER BY job_id, claim_epoch"),
            await rows("SELECT * FROM job_event WHERE workspace_id = $1 ORDER BY job_id, created_at, sequence"),
            await rows("SELECT * FROM event WHERE workspace_id = $1 AND type LIKE 'job.%' ORDER BY id"),
            await rows("SELECT * FROM job_change WHERE workspace_id = $1 ORDER BY id"),
        )

    async def digest(self, workspace_id: UUID) -> list[str]:
        """Return a fingerprint of everything a worker may write."""
        return [await self._looking.fetchval(_DIGEST.format(table), workspace_id) for table in TABLES]

    async def pass_time(self, workspace_id: UUID, seconds: float) -> None:
        """Let time go by for all unfinished jobs."""
        await self._looking.execute(_PASS, workspace_id, timedelta(seconds=seconds))

    async def let_lapse(self, job_id: UUID, *, overdue: bool) -> None:
        """Let a running job's lease run out, and its time limit too."""
        await self._looking.execute(
            "UPDATE job SET lease_until = clock_timestamp() - interval '1 second',"
            " deadline_at = CASE WHEN $2 THEN clock_timestamp() - interval '1 second' ELSE deadline_at END"
            " WHERE id = $1 AND status = 'running'",
            job_id,
            overdue,
        )

    async def clear(self, workspace_id: UUID) -> None:
        """Forget a workspace's jobs."""
        for table in ("job", "event", "job_change"):
            await self._looking.execute(f"DELETE FROM {table} WHERE workspace_id = $1", workspace_id)
