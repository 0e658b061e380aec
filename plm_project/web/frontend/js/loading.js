// A thin line on top while htmx waits; it shows only when an answer takes longer than a moment (CSS delays it).

/** Set up the line. */
export function setUpLoading() {
  const line = document.createElement("div");
  line.className = "loading-line";
  line.setAttribute("aria-hidden", "true");
  document.body.append(line);
  let waiting = 0;
  const count = (step) => {
    waiting = Math.max(0, waiting + step);
    document.body.classList.toggle("is-loading", waiting > 0);
  };
  document.addEventListener("htmx:beforeRequest", () => count(1));
  document.addEventListener("htmx:afterRequest", () => count(-1));
}
