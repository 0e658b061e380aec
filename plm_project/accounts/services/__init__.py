"""Writes of the accounts room."""

from plm_project.accounts.services.members import membership_end, membership_grant, user_create
from plm_project.accounts.services.tokens import token_issue, token_revoke

__all__ = ["membership_end", "membership_grant", "token_issue", "token_revoke", "user_create"]
