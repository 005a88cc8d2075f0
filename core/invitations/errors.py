"""Refusals of invitations."""

from __future__ import annotations

from core.errors import Conflict, Forbidden, NotFound


class InvitationNotFound(NotFound):
    """There is no such invitation."""

    code = "invitation_not_found"


class AlreadyMember(Conflict):
    """This address belongs to someone who is in already."""

    code = "already_member"


class InvitationAccepted(Conflict):
    """This invitation was accepted already."""

    code = "invitation_accepted"


class InvitationExpired(Conflict):
    """This invitation has expired; ask for a new one."""

    code = "invitation_expired"


class InvitationRevoked(Conflict):
    """This invitation was withdrawn, or a newer one took its place."""

    code = "invitation_revoked"


class InvitedAccountExists(Conflict):
    """There is an account with the invited address; log in with it to accept."""

    code = "invited_account_exists"


class InvitationForAnother(Forbidden):
    """This invitation was sent to another address than that of the account logged in."""

    code = "invitation_for_another"
