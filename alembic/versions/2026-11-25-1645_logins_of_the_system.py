"""Logins and spent refresh tokens are seen in the system scope only.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("auth_session", "spent_refresh_token")


def upgrade() -> None:
    """Force security that no workspace's scope passes; the release before asks for these in the system scope only."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY system_only ON {table} USING ((SELECT sp_is_system()))")


def downgrade() -> None:
    """Open them again."""
    for table in TABLES:
        op.execute(f"DROP POLICY system_only ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
