"""Which person works for which tenant, in which roles."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Value
from django.utils.translation import gettext_lazy as _

from plm_project.accounts.roles import Role
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from plm_project.tenancy.row_security import TENANT_RULE
from plm_project.tenancy.scope import TenantScopeMissing, current_person_id


class CurrentPerson(Value):
    """The person of the running person_scope as an SQL parameter; raises TenantScopeMissing outside of one."""

    def __init__(self) -> None:
        super().__init__(None, output_field=models.UUIDField())

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Read the person when the SQL is compiled."""
        person_id = current_person_id()
        if person_id is None:
            raise TenantScopeMissing("One's own memberships are read inside person_scope(user_id)")
        return "%s", (self.output_field.get_db_prep_value(person_id, connection=connection),)

    def resolve_expression(self, *args: Any, **kwargs: Any) -> CurrentPerson:
        """Stay an expression: it holds no columns."""
        return self


class OwnMemberships(models.Manager["Membership"]):
    """The running person's own live memberships, whichever tenant. For sign-in and the tenant switcher."""

    def get_queryset(self) -> models.QuerySet[Membership]:
        """Return them with their tenants."""
        rows = super().get_queryset().filter(user_id=CurrentPerson(), is_deleted=False, tenant__is_active=True)
        return rows.select_related("tenant").order_by("tenant__name")


class Membership(TenantRecord):
    """One person in one tenant. Ending it is a soft delete; it takes effect with the person's next request."""

    # Beside the tenant's people, a person may read their own row before a tenant is chosen. Writing needs the tenant.
    row_read_rule: ClassVar[str] = (
        f"({TENANT_RULE}) OR user_id = NULLIF(current_setting('plm.person', true), '')::uuid"
    )

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    roles = models.JSONField(_("roles"), default=list)

    own: ClassVar[OwnMemberships] = OwnMemberships()
    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "user"], name="accounts_one_membership_per_person")
        ]

    def __str__(self) -> str:
        return f"{self.user} ({', '.join(self.roles)})"

    def clean(self) -> None:
        """At least one role, and known ones only."""
        unknown = [role for role in self.roles if role not in Role.values]
        if unknown:
            raise ValidationError({"roles": _("Unknown role: %(roles)s") % {"roles": ", ".join(map(str, unknown))}})
        if not self.roles:
            raise ValidationError({"roles": _("Choose at least one role.")})
