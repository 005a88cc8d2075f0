"""Webhooks: endpoints, messages and attempts, secrets of callbacks; the URL that a job is to call back.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = (
    "webhook_endpoint",
    "webhook_message",
    "webhook_attempt",
    "webhook_secret",
    "webhook_sequence",
    "webhook_progress",
)
PENDING = sa.text("status = 'pending'")


def upgrade() -> None:
    """Add column and tables with their row-level security; the release before knows nothing of them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("job", sa.Column("callback_url", sa.String(), nullable=True))
    _endpoints()
    _messages()
    _the_rest()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY workspace_scope ON {table} USING"
            " ((SELECT sp_is_system()) OR workspace_id = ANY ((SELECT sp_workspace_ids())::uuid[]))"
        )


def _moment(name: str, *, default: bool = False) -> sa.Column[object]:
    server_default = sa.text("now()") if default else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=server_default, nullable=not default)


def _workspace(table: str) -> tuple[sa.Column[object], sa.ForeignKeyConstraint]:
    return sa.Column("workspace_id", sa.UUID(), nullable=False), sa.ForeignKeyConstraint(
        ["workspace_id"], ["workspace.id"], name=f"fk_{table}_workspace_id_workspace", ondelete="CASCADE"
    )


def _endpoints() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_workspace("webhook_endpoint"),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("event_types", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        _moment("previous_secret_expires_at"),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("disabled_reason", sa.String(), nullable=True),
        _moment("disabled_at"),
        _moment("failing_since"),
        sa.Column("failures", sa.Integer(), nullable=False),
        _moment("open_until"),
        sa.Column("created_by_type", sa.String(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        _moment("created_at", default=True),
        _moment("updated_at", default=True),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_endpoint"),
    )
    op.create_index("ix_webhook_endpoint_workspace_id", "webhook_endpoint", ["workspace_id"])
    op.create_index(
        "uq_webhook_endpoint_callback",
        "webhook_endpoint",
        ["workspace_id", "url"],
        unique=True,
        postgresql_where=sa.text("kind = 'callback'"),
    )


def _messages() -> None:
    op.create_table(
        "webhook_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_workspace("webhook_message"),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        _moment("next_at"),
        sa.Column("lease_id", sa.Uuid(), nullable=True),
        _moment("lease_until"),
        sa.Column("error", sa.String(), nullable=True),
        _moment("created_at", default=True),
        _moment("delivered_at"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_message"),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["webhook_endpoint.id"],
            name="fk_webhook_message_endpoint_id_webhook_endpoint",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("endpoint_id", "event_id", name="uq_webhook_message_endpoint_id_event_id"),
    )
    for name, columns in (
        ("due", ["endpoint_id", "next_at", "number"]),
        ("order", ["endpoint_id", "subject_id", "number"]),
    ):
        op.create_index(f"ix_webhook_message_{name}", "webhook_message", columns, postgresql_where=PENDING)
    op.create_index(
        "ix_webhook_message_leased",
        "webhook_message",
        ["endpoint_id"],
        postgresql_where=sa.text("lease_id IS NOT NULL"),
    )
    for first in ("endpoint_id", "workspace_id"):
        op.create_index(f"ix_webhook_message_{first}_created_at", "webhook_message", [first, "created_at", "id"])
    op.create_index("ix_webhook_message_job_id", "webhook_message", ["job_id"])


def _the_rest() -> None:
    op.create_table(
        "webhook_attempt",
        *_workspace("webhook_attempt"),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _moment("at", default=True),
        sa.Column("latency_ms", sa.Integer(), nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("response", sa.String(), nullable=False),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("message_id", "number", name="pk_webhook_attempt"),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["webhook_message.id"],
            name="fk_webhook_attempt_message_id_webhook_message",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "webhook_secret",
        *_workspace("webhook_secret"),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        _moment("previous_secret_expires_at"),
        _moment("created_at", default=True),
        _moment("rotated_at"),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_webhook_secret"),
    )
    op.create_table(
        "webhook_sequence",
        *_workspace("webhook_sequence"),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name="pk_webhook_sequence"),
    )
    op.create_table(
        "webhook_progress",
        *_workspace("webhook_progress"),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", name="pk_webhook_progress"),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_webhook_progress_job_id_job", ondelete="CASCADE"),
    )
    for table in ("webhook_attempt", "webhook_sequence", "webhook_progress"):
        op.create_index(f"ix_{table}_workspace_id", table, ["workspace_id"])


def downgrade() -> None:
    """Drop them."""
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("job", "callback_url")
