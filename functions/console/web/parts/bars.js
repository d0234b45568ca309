/** Numbers as bars, with their names and values as text: what a screen reader reads is a plain list. */
import { html } from "../ui.js";

/** Characters of a label that leave room for its bar on the same line. */
const SHORT = 22;

/**
 * `rows`: `[{ label, value, text, strong?, hint? }]`; `text` is the value as it is read. Values below zero go to the left
 * of a middle line where there are any. `max` is what fills the bar; the largest of them, if it is not given.
 */
export function Bars({ rows, max, label }) {
  const short = rows.every((row) => !row.hint && row.label.length <= SHORT);
  const signed = rows.some((row) => row.value < 0);
  const most = max ?? Math.max(...rows.map((row) => Math.abs(row.value) || 0), Number.MIN_VALUE);
  return html`<ul class=${`bars ${signed ? "is-signed" : ""} ${short ? "is-short" : ""}`} aria-label=${label}>
    ${rows.map((row, index) => html`<li key=${`${index} ${row.label}`} class=${row.strong ? "is-strong" : ""}>
        <span class="bars-label" title=${row.label}>${row.label}</span>
        <span class="bars-value">${row.text}</span>
        <${Bar} value=${row.value} most=${most} signed=${signed} />
        ${row.hint && html`<span class="bars-hint">${row.hint}</span>`}
      </li>`)}
  </ul>`;
}

function Bar({ value, most, signed }) {
  const share = Number.isFinite(value) ? Math.min(1, Math.abs(value) / most) : 0;
  const width = share * (signed ? 50 : 100);
  const x = signed ? (value < 0 ? 50 - width : 50) : 0;
  return html`<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">
    <rect class="bar-track" width="100" height="6" />
    <rect class=${value < 0 ? "bar-less" : "bar-more"} x=${x} width=${width} height="6" />
    ${signed && html`<rect class="bar-zero" x="49.8" width="0.4" height="6" />`}
  </svg>`;
}
