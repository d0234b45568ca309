// How much smaller compression made something: a bar of what is left of it, and the factor in words.

import { html } from "../ui.js";
import { bytes, percent, t } from "../text.js";
import { times } from "./figures.js";

const FACTOR = 1.5;

export function Savings({ size, original }) {
  if (!original || !size) return html`<span class="soft">–</span>`;
  const left = Math.min(100, (size / original) * 100);
  return html`
    <span class="savings" title=${t("models.became", { before: bytes(original), after: bytes(size) })}>
      <svg class="strip" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect class="strip-whole" width="100" height="8" /><rect class="strip-part" width=${Math.max(2, left)} height="8" />
      </svg>
      <span>${worded(original, size)}</span>
    </span>
  `;
}

/** A factor, or a share where a factor would round to 1. */
function worded(original, size) {
  if (size >= original) return t("models.sameSize");
  return t("models.smaller", { times: original / size < FACTOR ? percent(1 - size / original) : times(original, size) });
}
