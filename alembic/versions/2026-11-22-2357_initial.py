"""First tables, the application role and row-level security.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A lock that is not had at once must not queue the whole service behind it.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"

# Tables whose rows belong to a workspace, by the column that names it.
WORKSPACE_COLUMN = {
    "workspace": "id",
    "answer": "workspace_id",
    "event": "workspace_id",
    "exploration": "workspace_id",
    "idempotency_record": "workspace_id",
    "job": "workspace_id",
    "job_attempt": "workspace_id",
    "job_event": "workspace_id",
    "job_step": "workspace_id",
    "lineage": "workspace_id",
    "llm_answer": "workspace_id",
    "llm_call": "workspace_id",
    "persona": "workspace_id",
    "persona_version": "workspace_id",
    "population_plan": "workspace_id",
    "questionnaire": "workspace_id",
    "questionnaire_version": "workspace_id",
    "report": "workspace_id",
    "respondent": "workspace_id",
    "simulation": "workspace_id",
    "stored_file": "workspace_id",
    "workspace_member": "workspace_id",
}

ROLE = """
DO $$ BEGIN
    CREATE ROLE sp_app NOLOGIN NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
# app.workspace_ids holds ids separated by commas, or '*' for the service itself; unset shows nothing.
VISIBLE_IDS = """
CREATE FUNCTION sp_workspace_ids() RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN coalesce(current_setting('app.workspace_ids', true), '') IN ('', '*')
        THEN ARRAY[]::uuid[]
        ELSE string_to_array(current_setting('app.workspace_ids', true), ',')::uuid[] END
$$
"""
IS_SYSTEM = """
CREATE FUNCTION sp_is_system() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('app.workspace_ids', true), '') = '*'
$$
"""


def secure() -> None:
    """Create the role of all transactions; it sees a workspace's rows only in that workspace's scope."""
    op.execute(ROLE)
    op.execute("GRANT sp_app TO CURRENT_USER")
    op.execute(VISIBLE_IDS)
    op.execute(IS_SYSTEM)
    op.execute("GRANT USAGE ON SCHEMA public TO sp_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO sp_app")
    op.execute("REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM sp_app")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO sp_app")
    op.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO sp_app")
    op.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO sp_app")
    for table, column in WORKSPACE_COLUMN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY workspace_scope ON {table} USING"
            f" ((SELECT sp_is_system()) OR {column} = ANY ((SELECT sp_workspace_ids())::uuid[]))"
        )


def unsecure() -> None:
    """Take the functions back; the role stays, other databases of the cluster may use it."""
    op.execute("DROP FUNCTION sp_workspace_ids() CASCADE")
    op.execute("DROP FUNCTION sp_is_system() CASCADE")


def upgrade() -> None:
    """Apply; the previous release keeps running meanwhile."""
    op.execute(LOCK_TIMEOUT)
    op.create_table(
        "app_user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_verified", sa.Boolean(), nullable=False),
        sa.Column("is_superadmin", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("email", name=op.f("uq_app_user_email")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "worker",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hostname", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("pools", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
    )
    op.create_table(
        "auth_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("refresh_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_auth_session_user_id_app_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_session")),
        sa.UniqueConstraint("refresh_hash", name=op.f("uq_auth_session_refresh_hash")),
    )
    op.create_index(op.f("ix_auth_session_user_id"), "auth_session", ["user_id"], unique=False)
    op.create_table(
        "organization",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("personal_of", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["personal_of"],
            ["app_user.id"],
            name=op.f("fk_organization_personal_of_app_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
    )
    op.create_index(
        "uq_organization_personal_of",
        "organization",
        ["personal_of"],
        unique=True,
        postgresql_where=sa.text("personal_of IS NOT NULL"),
    )
    op.create_table(
        "organization_member",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_organization_member_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["app_user.id"],
            name=op.f("fk_organization_member_user_id_app_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "user_id", name=op.f("pk_organization_member")),
    )
    op.create_index(op.f("ix_organization_member_user_id"), "organization_member", ["user_id"], unique=False)
    op.create_table(
        "spent_refresh_token",
        sa.Column("refresh_hash", sa.String(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["auth_session.id"],
            name=op.f("fk_spent_refresh_token_session_id_auth_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("refresh_hash", name=op.f("pk_spent_refresh_token")),
    )
    op.create_index(op.f("ix_spent_refresh_token_session_id"), "spent_refresh_token", ["session_id"], unique=False)
    op.create_table(
        "workspace",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_workspace_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace")),
    )
    op.create_index(op.f("ix_workspace_organization_id"), "workspace", ["organization_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("exploration_id", sa.Uuid(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("subject_type", sa.String(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_event_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index("ix_event_subject_id_id", "event", ["subject_id", "id"], unique=False)
    op.create_index(op.f("ix_event_workspace_id"), "event", ["workspace_id"], unique=False)
    op.create_table(
        "exploration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("is_quantitative", sa.Boolean(), nullable=False),
        sa.Column("is_qualitative", sa.Boolean(), nullable=False),
        sa.Column("is_ended", sa.Boolean(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_exploration_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exploration")),
    )
    op.create_index(
        "ix_exploration_workspace_id_created_at",
        "exploration",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=True),
        sa.Column("exploration_id", sa.Uuid(), nullable=True),
        sa.Column("subject_type", sa.String(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("pool", sa.String(), nullable=False),
        sa.Column("args", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("timeout_s", sa.Float(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dispatch_no", sa.Integer(), nullable=False),
        sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim_epoch", sa.BigInteger(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rescues", sa.Integer(), nullable=False),
        sa.Column("steps_at_rescue", sa.Integer(), nullable=False),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("shard_no", sa.Integer(), nullable=True),
        sa.Column("children_total", sa.Integer(), nullable=False),
        sa.Column("children_open", sa.Integer(), nullable=False),
        sa.Column("max_children_in_flight", sa.Integer(), nullable=False),
        sa.Column("progress_done", sa.Integer(), nullable=False),
        sa.Column("progress_total", sa.Integer(), nullable=False),
        sa.Column("progress_message", sa.String(), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("usage_calls", sa.Integer(), nullable=False),
        sa.Column("usage_input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("usage_output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("usage_cost_usd", sa.Numeric(precision=18, scale=9), nullable=True),
        sa.Column("usage_replayed_calls", sa.Integer(), nullable=False),
        sa.Column("max_cost_usd", sa.Numeric(precision=18, scale=9), nullable=True),
        sa.Column("created_by_type", sa.String(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["job.id"], name=op.f("fk_job_parent_id_job"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_job_workspace_id_workspace"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("parent_id", "shard_no", name=op.f("uq_job_parent_id_shard_no")),
    )
    op.create_index(
        "ix_job_lease_until",
        "job",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_index(
        "ix_job_open",
        "job",
        ["pool", "created_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('queued', 'dispatched', 'retry_wait')"),
    )
    op.create_index("ix_job_subject_id", "job", ["subject_id"], unique=False)
    op.create_index("ix_job_workspace_id_created_at", "job", ["workspace_id", "created_at", "id"], unique=False)
    op.create_table(
        "lineage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("step_key", sa.String(), nullable=False),
        sa.Column("subject_type", sa.String(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("prompt_name", sa.String(), nullable=False),
        sa.Column("prompt_version", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("draw", sa.Integer(), nullable=False),
        sa.Column("input_hash", sa.String(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_lineage_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lineage")),
    )
    op.create_index(op.f("ix_lineage_job_id"), "lineage", ["job_id"], unique=False)
    op.create_index(op.f("ix_lineage_subject_id"), "lineage", ["subject_id"], unique=False)
    op.create_index(op.f("ix_lineage_workspace_id"), "lineage", ["workspace_id"], unique=False)
    op.create_table(
        "llm_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("key", sa.CHAR(length=64), nullable=False),
        sa.Column("model_requested", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("prompt_name", sa.String(), nullable=False),
        sa.Column("prompt_version", sa.Integer(), nullable=False),
        sa.Column("input_hash", sa.CHAR(length=64), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("draw", sa.Integer(), nullable=False),
        sa.Column("output", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_llm_answer_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_llm_answer")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_llm_answer_workspace_id_key")),
    )
    op.create_table(
        "llm_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("step_key", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("prompt_name", sa.String(), nullable=True),
        sa.Column("prompt_version", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("attempt_no", sa.Integer(), nullable=False),
        sa.Column("input_tokens", sa.Integer(), nullable=False),
        sa.Column("output_tokens", sa.Integer(), nullable=False),
        sa.Column("cost_usd", sa.Numeric(precision=20, scale=10), nullable=True),
        sa.Column("latency_ms", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_llm_call_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_llm_call")),
    )
    op.create_index(op.f("ix_llm_call_job_id"), "llm_call", ["job_id"], unique=False)
    op.create_index("ix_llm_call_workspace_id_created_at", "llm_call", ["workspace_id", "created_at"], unique=False)
    op.create_table(
        "stored_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("subject_type", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_stored_file_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
    )
    op.create_index("ix_stored_file_subject_id_name", "stored_file", ["subject_id", "name"], unique=False)
    op.create_index(op.f("ix_stored_file_workspace_id"), "stored_file", ["workspace_id"], unique=False)
    op.create_table(
        "workspace_member",
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["app_user.id"],
            name=op.f("fk_workspace_member_user_id_app_user"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_workspace_member_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", name=op.f("pk_workspace_member")),
    )
    op.create_index(op.f("ix_workspace_member_user_id"), "workspace_member", ["user_id"], unique=False)
    op.create_table(
        "idempotency_record",
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name=op.f("fk_idempotency_record_job_id_job"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_idempotency_record_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("caller", "route", "key", name=op.f("pk_idempotency_record")),
    )
    op.create_index(op.f("ix_idempotency_record_created_at"), "idempotency_record", ["created_at"], unique=False)
    op.create_index(op.f("ix_idempotency_record_workspace_id"), "idempotency_record", ["workspace_id"], unique=False)
    op.create_table(
        "job_attempt",
        sa.Column("workspace_id", sa.UUID(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("claim_epoch", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_job_attempt_job_id_job"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_job_attempt_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("job_id", "claim_epoch", name=op.f("pk_job_attempt")),
    )
    op.create_index(op.f("ix_job_attempt_workspace_id"), "job_attempt", ["workspace_id"], unique=False)
    op.create_table(
        "job_event",
        sa.Column("workspace_id", sa.UUID(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_job_event_job_id_job"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_job_event_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("job_id", "sequence", name=op.f("pk_job_event")),
    )
    op.create_index(op.f("ix_job_event_workspace_id"), "job_event", ["workspace_id"], unique=False)
    op.create_table(
        "job_step",
        sa.Column("workspace_id", sa.UUID(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("step_key", sa.String(), nullable=False),
        sa.Column("input_hash", sa.String(), nullable=False),
        sa.Column("claim_epoch", sa.BigInteger(), nullable=False),
        sa.Column("output", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lineage_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_job_step_job_id_job"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_job_step_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("job_id", "step_key", "input_hash", name=op.f("pk_job_step")),
    )
    op.create_index(op.f("ix_job_step_workspace_id"), "job_step", ["workspace_id"], unique=False)
    op.create_table(
        "persona",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("exploration_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("population_weight", sa.Float(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["exploration_id"],
            ["exploration.id"],
            name=op.f("fk_persona_exploration_id_exploration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_persona_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persona")),
    )
    op.create_index(
        "ix_persona_exploration_id_created_at",
        "persona",
        ["exploration_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_persona_workspace_id"), "persona", ["workspace_id"], unique=False)
    op.create_table(
        "population_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("exploration_id", sa.Uuid(), nullable=False),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["exploration_id"],
            ["exploration.id"],
            name=op.f("fk_population_plan_exploration_id_exploration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_population_plan_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_population_plan")),
    )
    op.create_index(
        "ix_population_plan_exploration_id_created_at",
        "population_plan",
        ["exploration_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_population_plan_workspace_id"), "population_plan", ["workspace_id"], unique=False)
    op.create_table(
        "questionnaire",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("exploration_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("question_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["exploration_id"],
            ["exploration.id"],
            name=op.f("fk_questionnaire_exploration_id_exploration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_questionnaire_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire")),
    )
    op.create_index(
        "ix_questionnaire_exploration_id_created_at",
        "questionnaire",
        ["exploration_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_questionnaire_workspace_id"), "questionnaire", ["workspace_id"], unique=False)
    op.create_table(
        "persona_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("persona_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("profile", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("prompt_name", sa.String(), nullable=True),
        sa.Column("prompt_version", sa.Integer(), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("lineage_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["persona_id"],
            ["persona.id"],
            name=op.f("fk_persona_version_persona_id_persona"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_persona_version_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persona_version")),
        sa.UniqueConstraint("persona_id", "version", name=op.f("uq_persona_version_persona_id_version")),
    )
    op.create_index(op.f("ix_persona_version_workspace_id"), "persona_version", ["workspace_id"], unique=False)
    op.create_table(
        "questionnaire_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("questionnaire_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["questionnaire.id"],
            name=op.f("fk_questionnaire_version_questionnaire_id_questionnaire"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_questionnaire_version_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_version")),
        sa.UniqueConstraint(
            "questionnaire_id", "version", name=op.f("uq_questionnaire_version_questionnaire_id_version")
        ),
    )
    op.create_index(
        op.f("ix_questionnaire_version_workspace_id"), "questionnaire_version", ["workspace_id"], unique=False
    )
    op.create_table(
        "simulation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("exploration_id", sa.Uuid(), nullable=False),
        sa.Column("questionnaire_id", sa.Uuid(), nullable=False),
        sa.Column("questionnaire_version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("personas", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("sample_size", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("is_download", sa.Boolean(), nullable=False),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["exploration_id"],
            ["exploration.id"],
            name=op.f("fk_simulation_exploration_id_exploration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["questionnaire.id"],
            name=op.f("fk_simulation_questionnaire_id_questionnaire"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_simulation_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulation")),
    )
    op.create_index(op.f("ix_simulation_exploration_id"), "simulation", ["exploration_id"], unique=False)
    op.create_index(op.f("ix_simulation_workspace_id"), "simulation", ["workspace_id"], unique=False)
    op.create_table(
        "report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("exploration_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("formats", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("simulation_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["exploration_id"],
            ["exploration.id"],
            name=op.f("fk_report_exploration_id_exploration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["simulation_id"],
            ["simulation.id"],
            name=op.f("fk_report_simulation_id_simulation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_report_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    op.create_index(op.f("ix_report_exploration_id"), "report", ["exploration_id"], unique=False)
    op.create_index(op.f("ix_report_workspace_id"), "report", ["workspace_id"], unique=False)
    op.create_table(
        "respondent",
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("simulation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("persona_id", sa.Uuid(), nullable=False),
        sa.Column("persona_version", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("attributes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["simulation_id"],
            ["simulation.id"],
            name=op.f("fk_respondent_simulation_id_simulation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_respondent_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("simulation_id", "number", name=op.f("pk_respondent")),
    )
    op.create_index(op.f("ix_respondent_workspace_id"), "respondent", ["workspace_id"], unique=False)
    op.create_table(
        "answer",
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("simulation_id", sa.Uuid(), nullable=False),
        sa.Column("respondent_number", sa.Integer(), nullable=False),
        sa.Column("question_key", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("probabilities", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("flags", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("missing_reason", sa.String(), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("lineage_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["simulation_id", "respondent_number"],
            ["respondent.simulation_id", "respondent.number"],
            name=op.f("fk_answer_simulation_id_respondent_number_respondent"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_answer_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("simulation_id", "respondent_number", "question_key", name=op.f("pk_answer")),
    )
    op.create_index(op.f("ix_answer_workspace_id"), "answer", ["workspace_id"], unique=False)
    secure()


def downgrade() -> None:
    """Take back."""
    op.execute(LOCK_TIMEOUT)
    op.drop_index(op.f("ix_answer_workspace_id"), table_name="answer")
    op.drop_table("answer")
    op.drop_index(op.f("ix_respondent_workspace_id"), table_name="respondent")
    op.drop_table("respondent")
    op.drop_index(op.f("ix_report_workspace_id"), table_name="report")
    op.drop_index(op.f("ix_report_exploration_id"), table_name="report")
    op.drop_table("report")
    op.drop_index(op.f("ix_simulation_workspace_id"), table_name="simulation")
    op.drop_index(op.f("ix_simulation_exploration_id"), table_name="simulation")
    op.drop_table("simulation")
    op.drop_index(op.f("ix_questionnaire_version_workspace_id"), table_name="questionnaire_version")
    op.drop_table("questionnaire_version")
    op.drop_index(op.f("ix_persona_version_workspace_id"), table_name="persona_version")
    op.drop_table("persona_version")
    op.drop_index(op.f("ix_questionnaire_workspace_id"), table_name="questionnaire")
    op.drop_index("ix_questionnaire_exploration_id_created_at", table_name="questionnaire")
    op.drop_table("questionnaire")
    op.drop_index(op.f("ix_population_plan_workspace_id"), table_name="population_plan")
    op.drop_index("ix_population_plan_exploration_id_created_at", table_name="population_plan")
    op.drop_table("population_plan")
    op.drop_index(op.f("ix_persona_workspace_id"), table_name="persona")
    op.drop_index("ix_persona_exploration_id_created_at", table_name="persona")
    op.drop_table("persona")
    op.drop_index(op.f("ix_job_step_workspace_id"), table_name="job_step")
    op.drop_table("job_step")
    op.drop_index(op.f("ix_job_event_workspace_id"), table_name="job_event")
    op.drop_table("job_event")
    op.drop_index(op.f("ix_job_attempt_workspace_id"), table_name="job_attempt")
    op.drop_table("job_attempt")
    op.drop_index(op.f("ix_idempotency_record_workspace_id"), table_name="idempotency_record")
    op.drop_index(op.f("ix_idempotency_record_created_at"), table_name="idempotency_record")
    op.drop_table("idempotency_record")
    op.drop_index(op.f("ix_workspace_member_user_id"), table_name="workspace_member")
    op.drop_table("workspace_member")
    op.drop_index(op.f("ix_stored_file_workspace_id"), table_name="stored_file")
    op.drop_index("ix_stored_file_subject_id_name", table_name="stored_file")
    op.drop_table("stored_file")
    op.drop_index("ix_llm_call_workspace_id_created_at", table_name="llm_call")
    op.drop_index(op.f("ix_llm_call_job_id"), table_name="llm_call")
    op.drop_table("llm_call")
    op.drop_table("llm_answer")
    op.drop_index(op.f("ix_lineage_workspace_id"), table_name="lineage")
    op.drop_index(op.f("ix_lineage_subject_id"), table_name="lineage")
    op.drop_index(op.f("ix_lineage_job_id"), table_name="lineage")
    op.drop_table("lineage")
    op.drop_index("ix_job_workspace_id_created_at", table_name="job")
    op.drop_index("ix_job_subject_id", table_name="job")
    op.drop_index(
        "ix_job_open",
        table_name="job",
        postgresql_where=sa.text("status IN ('queued', 'dispatched', 'retry_wait')"),
    )
    op.drop_index("ix_job_lease_until", table_name="job", postgresql_where=sa.text("status = 'running'"))
    op.drop_table("job")
    op.drop_index("ix_exploration_workspace_id_created_at", table_name="exploration")
    op.drop_table("exploration")
    op.drop_index(op.f("ix_event_workspace_id"), table_name="event")
    op.drop_index("ix_event_subject_id_id", table_name="event")
    op.drop_table("event")
    op.drop_index(op.f("ix_workspace_organization_id"), table_name="workspace")
    op.drop_table("workspace")
    op.drop_index(op.f("ix_spent_refresh_token_session_id"), table_name="spent_refresh_token")
    op.drop_table("spent_refresh_token")
    op.drop_index(op.f("ix_organization_member_user_id"), table_name="organization_member")
    op.drop_table("organization_member")
    op.drop_index(
        "uq_organization_personal_of",
        table_name="organization",
        postgresql_where=sa.text("personal_of IS NOT NULL"),
    )
    op.drop_table("organization")
    op.drop_index(op.f("ix_auth_session_user_id"), table_name="auth_session")
    op.drop_table("auth_session")
    op.drop_table("worker")
    op.drop_table("lease")
    op.drop_table("app_user")
    unsecure()
