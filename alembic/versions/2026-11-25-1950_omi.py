"""The co-pilot: sessions, messages, stages.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = ("omi_session", "omi_message", "omi_stage")


def upgrade() -> None:
    """Add the tables; the release before does not know them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    _sessions()
    _messages()
    _stages()
    for table in TABLES:
        op.create_index(f"ix_{table}_workspace_id", table, ["workspace_id"])
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY workspace_scope ON {table} USING"
            " ((SELECT sp_is_system()) OR workspace_id = ANY ((SELECT sp_workspace_ids())::uuid[]))"
        )


def downgrade() -> None:
    """Drop them."""
    for table in ("omi_stage", "omi_message", "omi_session"):
        op.drop_table(table)


def _moment(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def _workspace(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id"], ["workspace.id"], name=f"fk_{table}_workspace_id_workspace", ondelete="CASCADE"
    )


def _exploration(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["exploration_id"], ["exploration.id"], name=f"fk_{table}_exploration_id_exploration", ondelete="CASCADE"
    )


def _sessions() -> None:
    op.create_table(
        "omi_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("exploration_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("created_by_type", sa.String(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_omi_session"),
        _workspace("omi_session"),
        _exploration("omi_session"),
    )
    op.create_index("ix_omi_session_exploration_id", "omi_session", ["exploration_id"])
    op.create_index("ix_omi_session_created_by_id_created_at", "omi_session", ["created_by_id", "created_at", "id"])


def _messages() -> None:
    op.create_table(
        "omi_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=True),
        sa.Column("omi_state", sa.String(), nullable=True),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("reply_to_id", sa.Uuid(), nullable=True),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_omi_message"),
        sa.UniqueConstraint("session_id", "number", name="uq_omi_message_session_id"),
        sa.UniqueConstraint("reply_to_id", name="uq_omi_message_reply_to_id"),
        _workspace("omi_message"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["omi_session.id"], name="fk_omi_message_session_id_omi_session", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reply_to_id"], ["omi_message.id"], name="fk_omi_message_reply_to_id_omi_message", ondelete="SET NULL"
        ),
    )


def _stages() -> None:
    op.create_table(
        "omi_stage",
        sa.Column("exploration_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        _moment("changed_at"),
        sa.PrimaryKeyConstraint("exploration_id", name="pk_omi_stage"),
        _workspace("omi_stage"),
        _exploration("omi_stage"),
    )
