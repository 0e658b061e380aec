// Light, dark, or as the system says. The cookie lets the server draw the right one; localStorage under the name
// "theme" is where Django's admin keeps its own choice, so both agree.

const KEY = "theme";
const COOKIE = "plm_theme";
const CHOICES = ["auto", "light", "dark"];
const root = document.documentElement;
const system = window.matchMedia("(prefers-color-scheme: dark)");

/** Return the stored choice, the server's when the browser keeps nothing. */
export function stored() {
  let kept = null;
  try {
    kept = window.localStorage.getItem(KEY);
  } catch {
    // Storage is forbidden here: the cookie alone decides.
  }
  if (CHOICES.includes(kept)) return kept;
  return CHOICES.includes(root.dataset.themeChoice) ? root.dataset.themeChoice : "auto";
}

/** Set the attributes that the style sheets read. */
export function apply(choice) {
  const theme = choice === "auto" ? (system.matches ? "dark" : "light") : choice;
  root.dataset.bsTheme = theme;
  root.dataset.themeChoice = choice;
}

/** Apply what is stored, and follow the system while the choice is "auto". */
export function applyStored() {
  apply(stored());
  system.addEventListener("change", () => apply(stored()));
}

function keep(choice) {
  try {
    window.localStorage.setItem(KEY, choice);
  } catch {
    // Storage is forbidden here: the cookie alone keeps it.
  }
  const secure = window.location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${choice}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}

function mark(form, choice) {
  for (const button of form.querySelectorAll("button[name=theme]")) {
    button.setAttribute("aria-pressed", String(button.value === choice));
  }
}

/** Let the buttons of the theme menu work without a round trip. */
export function setUpThemeSwitch() {
  for (const form of document.querySelectorAll("[data-theme-form]")) {
    mark(form, stored());
    form.addEventListener("submit", (event) => {
      const choice = event.submitter?.value;
      if (!CHOICES.includes(choice)) return;
      event.preventDefault();
      keep(choice);
      apply(choice);
      mark(form, choice);
      document.dispatchEvent(new CustomEvent("plm:theme", { detail: { choice } }));
    });
  }
}
