// The state of a job as a badge: a word, and a colour beside it.

import { html } from "../ui.js";
import { t } from "../text.js";

const TONES = { done: "good", failed: "bad", running: "busy", waiting: "idle", cancelled: "idle" };

export function State({ state }) {
  return html`<span class=${`state is-${TONES[state] ?? "idle"}`}>${t(`jobs.state.${state}`)}</span>`;
}
