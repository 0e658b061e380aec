// Short notices in the live region. The server sends them in the header HX-Trigger: {"plm:toast": {level, text}}.

const SHOWN_FOR = 6000; // milliseconds; notices of faults stay until they are dismissed

/**
 * Show a notice. level: success, info, warning, danger. link: {url, detail} makes the text a link with a line below it.
 * urgent: screen readers say it at once, and it stays until it is dismissed.
 */
export function showToast(text, level = "info", { link = null, urgent = level === "danger" } = {}) {
  const region = document.getElementById("toasts");
  if (!region) return;
  const note = document.createElement("div");
  note.className = `note note-${level}`;
  if (urgent) note.setAttribute("role", "alert");
  const body = document.createElement("div");
  body.className = "note-body";
  body.append(link ? linked(text, link) : text);
  if (link?.detail) body.append(paragraph(link.detail));
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn-close";
  button.setAttribute("aria-label", region.dataset.dismissLabel);
  button.addEventListener("click", () => note.remove());
  note.append(body, button);
  region.append(note);
  if (!urgent) window.setTimeout(() => note.remove(), SHOWN_FOR);
}

function linked(text, { url }) {
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.textContent = text;
  return anchor;
}

function paragraph(text) {
  const line = document.createElement("p");
  line.className = "note-detail";
  line.textContent = text;
  return line;
}

/** Listen for notices, and say so when htmx could not reach the server. */
export function setUpToasts() {
  document.addEventListener("plm:toast", (event) => showToast(event.detail.text, event.detail.level));
  document.addEventListener("htmx:sendError", () => {
    const region = document.getElementById("toasts");
    showToast(region?.dataset.offline ?? "No connection.", "danger");
  });
  document.addEventListener("htmx:responseError", (event) => {
    const answer = event.detail.xhr;
    if (answer.getResponseHeader("HX-Trigger") || answer.getResponseHeader("HX-Redirect")) return;
    const region = document.getElementById("toasts");
    const id = answer.getResponseHeader("X-Request-ID");
    showToast(`${region?.dataset.failed ?? "The server refused this."} ${id ?? answer.status}`, "danger");
  });
}
