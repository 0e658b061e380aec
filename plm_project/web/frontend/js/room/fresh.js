// What the server draws around the room (state, steps, facts, links) is fetched anew when the session, or one's own
// role in it, has changed: the page never offers a step that is no longer possible.

/** Keep the parts [data-fresh=name] as the server draws them. */
export function setUpFreshParts(room) {
  let shown = said(room);
  room.addEventListener("state", async () => {
    if (said(room) === shown || room.isOver) return;
    shown = said(room);
    try {
      const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
      if (answer.ok) replaceParts(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      // No line just now. The socket tells the state again when it is back; the next visit draws the page anew.
    }
  });
}

const said = (room) => JSON.stringify([room.status, room.role, room.title]);

function replaceParts(page) {
  for (const part of document.querySelectorAll("[data-fresh]")) {
    const fresh = page.querySelector(`[data-fresh="${part.dataset.fresh}"]`);
    if (fresh) part.replaceChildren(...fresh.childNodes);
  }
}
