"""Tokens that mails carry; where a session was opened.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the columns; the release before knows neither."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "auth_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_auth_token"),
        sa.UniqueConstraint("token_hash", name="uq_auth_token_token_hash"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name="fk_auth_token_user_id_app_user", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_auth_token_user_id", "auth_token", ["user_id"])
    op.create_index("ix_auth_token_expires_at", "auth_token", ["expires_at"])
    op.create_index(
        "uq_auth_token_waiting",
        "auth_token",
        ["user_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("used_at IS NULL"),
    )
    op.execute("ALTER TABLE auth_token ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE auth_token FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY system_only ON auth_token USING ((SELECT sp_is_system()))")
    op.add_column("auth_session", sa.Column("user_agent", sa.String(), nullable=True))
    op.add_column("auth_session", sa.Column("ip", sa.String(), nullable=True))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("auth_session", "ip")
    op.drop_column("auth_session", "user_agent")
    op.drop_table("auth_token")
