/** Light, dark, or as the system has it; kept in this browser. */

const STORED = "ortless theme";
const THEMES = ["system", "light", "dark"];

/** "system", "light" or "dark". */
export function theme() {
  return document.documentElement.dataset.theme ?? "system";
}

/** The theme that the switch comes to next. */
export const nextTheme = (now) => THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];

/** Show a theme and keep it; returns it. Canvases hear of it by the document's event "themechange". */
export function turnTo(name) {
  if (name === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  try {
    globalThis.localStorage?.setItem(STORED, name);
  } catch {
    // Without storage it lasts as long as the page.
  }
  document.dispatchEvent(new Event("themechange"));
  return name;
}

try {
  const kept = globalThis.localStorage?.getItem(STORED);
  if (THEMES.includes(kept)) turnTo(kept);
} catch {
  // No storage: the system's.
}
