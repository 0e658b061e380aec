"""What a text box needs in which "@" offers people (frontend/js/mentions.js)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

MENTION_ATTRIBUTES: dict[str, Any] = {
    "data-mentions": reverse_lazy("collaboration:people-to-call"),
    "data-mentions-label": _("People to mention"),
    "data-mentions-said": _("People to mention: {count}. Choose with the arrow keys and Enter."),
}
