"""The password again, where something is signed: whoever finds an open screen, or a token, cannot sign with it."""

from __future__ import annotations

from django.core.cache import cache
from django.utils.translation import gettext as _

from plm_project.accounts.models import User
from plm_project.core.actor import Actor
from plm_project.core.exceptions import PermissionDenied, RateLimited, ValidationFailed

MOST_WRONG = 8
MINUTES = 15


def password_confirm(actor: Actor, password: str, *, field: str = "password") -> User:
    """Return the person behind ``actor`` when the password is theirs.

    Raises ValidationFailed for ``field`` when it is not, PermissionDenied for a caller that is no person, RateLimited
    after 8 wrong ones within 15 minutes, also for the right one. Call it before rows are locked: hashing takes time.
    """
    user = User.objects.filter(pk=actor.user_id, is_active=True).first() if actor.user_id else None
    if user is None:
        raise PermissionDenied(_("Only a person can sign."))
    if not password:
        raise ValidationFailed.field(field, _("Your password is needed to sign."))
    wrong = f"signing:wrong:{user.pk}"
    cache.add(wrong, 0, timeout=MINUTES * 60)
    if int(cache.get(wrong) or 0) >= MOST_WRONG:
        raise RateLimited(_("Too many wrong passwords. Try again in %(minutes)d minutes.") % {"minutes": MINUTES})
    if not user.check_password(password):
        try:
            cache.incr(wrong)
        except ValueError:  # the quarter of an hour ended between the two lines
            cache.set(wrong, 1, timeout=MINUTES * 60)
        raise ValidationFailed.field(field, _("The password is wrong."))
    cache.delete(wrong)
    return user
