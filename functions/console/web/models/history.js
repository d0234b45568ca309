// What changed of a model's state, when, by whom and why: the latest first.

import { html } from "../ui.js";
import { t, when } from "../text.js";
import { FIELDS, isSame, pick } from "./transitions.js";
import { worded } from "./state.js";

export function History({ changes }) {
  if (changes.length === 0) return html`<p class="soft">${t("models.history.none")}</p>`;
  return html`<ol class="timeline">${changes.map((change) => html`<${Entry} key=${change.generation} change=${change} />`)}</ol>`;
}

function Entry({ change }) {
  const before = pick(change.before);
  const after = pick(change.after);
  const fields = FIELDS.filter((field) => !isSame(before[field], after[field]));
  return html`
    <li class=${`did-${change.action}`}>
      <p class="did">
        <strong>${t(`models.did.${change.action}`)}</strong>
        <span class="soft"><time datetime=${change.at}>${when(change.at)}</time> · ${t("models.generation", { n: String(change.generation) })}</span>
      </p>
      <ul class="moves">
        ${fields.map((field) => html`
          <li key=${field}>
            <span>${t(`models.field.${field}`)}</span>
            <span class="was">${worded(before[field])}</span> <span aria-hidden="true">→</span><span class="offscreen">${t("models.becomes")}</span>
            <b>${worded(after[field])}</b>
          </li>
        `)}
      </ul>
      ${change.why && html`<blockquote>${change.why}</blockquote>`}
      <p class="soft who">${change.who}</p>
    </li>
  `;
}
