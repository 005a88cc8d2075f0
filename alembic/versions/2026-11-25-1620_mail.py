"""Mails on their way.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table with its row-level security; the release before does not know it."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("to_address", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sending_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mail"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_mail_workspace_id_workspace", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_mail_workspace_id", "mail", ["workspace_id"])
    op.create_index("ix_mail_to_address", "mail", ["to_address"])
    op.execute("ALTER TABLE mail ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE mail FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY workspace_scope ON mail USING"
        " ((SELECT sp_is_system()) OR workspace_id = ANY ((SELECT sp_workspace_ids())::uuid[]))"
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("mail")
