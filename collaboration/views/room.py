"""The room page: drawn by the server as it is now, so that it can be read before, or without, a socket."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.views.generic import TemplateView

from collaboration.choices import ItemColor
from collaboration.selectors.access import session_access
from collaboration.selectors.state import session_state
from collaboration.views.base import SessionPage
from collaboration.views.steps import steps_of


class SessionRoomView(SessionPage, TemplateView):
    """The room. Its script joins with the number of the last update that is drawn here, and gets the rest."""

    template_name = "collaboration/room.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the state, of the shape that the socket tells it in, and the steps that are possible now.

        The session's number is read before the rest: what is stored in between comes again over the socket, and is
        applied once.
        """
        access = session_access(self.actor, self.session.pk)
        state = session_state(self.actor, access)
        here = self.request.get_full_path()
        return super().get_context_data(
            **{
                "state": state,
                "lines": [(line, parse_datetime(line["timestamp"])) for line in state["chat"]],
                "buttons": steps_of(self.session, self.actor),
                "colors": ItemColor.choices,
                "room_url": self.request.build_absolute_uri(self.session.get_absolute_url()),
                "updates_url": reverse("api-session-updates", args=[self.session.pk]),
                "sign_in_url": f"{reverse('accounts:login')}?{urlencode({'next': here})}",
                **kwargs,
            }
        )
