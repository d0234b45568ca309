// Activity: what models did in the last hour or day, and what the usage plan has left.

import { html, style } from "../ui.js";
import { Overview } from "./overview.js";

await style(new URL("./activity.css", import.meta.url));

/** `#/activity`, with `?window=day&model=...&version=...`. */
export function view({ route }) {
  const { window: span, model = "", version = "" } = route.query;
  return html`<${Overview} span=${span === "day" ? "day" : "hour"} model=${model} version=${version} />`;
}
