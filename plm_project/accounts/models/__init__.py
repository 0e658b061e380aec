"""User, Membership, ApiToken."""

from plm_project.accounts.models.membership import Membership
from plm_project.accounts.models.token import ApiToken
from plm_project.accounts.models.user import User

__all__ = ["ApiToken", "Membership", "User"]
