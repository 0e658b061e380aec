"""A person. Users belong to the installation; what they may see comes from their memberships alone."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from plm_project.core import clock
from plm_project.core.ids import uuid7


class UserManager(BaseUserManager["User"]):
    """Creates users and finds them by e-mail, whatever the case."""

    def create_user(self, email: str, password: str | None = None, *, full_name: str = "", **extra: Any) -> User:
        """Create a user; without a password nobody can sign in as them."""
        user = self.model(email=email.strip().lower(), full_name=full_name, **extra)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """Find a user for sign-in: e-mail addresses differ in more than case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """Signs in by e-mail. Has no Django groups and no superuser bit: roles per tenant decide."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    full_name = models.CharField(_("name"), max_length=150, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering: ClassVar = ["email"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="accounts_email_once")]

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def is_staff(self) -> bool:
        """Django's admin asks for it; ours decides by the actor's permission instead (admin_site.py)."""
        return False

    def get_full_name(self) -> str:
        """Return the name, or the address where none is known."""
        return self.full_name or self.email

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's own permissions are not used: nobody has any."""
        return False

    def has_perms(self, perm_list: Any, obj: Any = None) -> bool:
        """See ``has_perm``."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """See ``has_perm``."""
        return False
