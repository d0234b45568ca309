// Figures of a report as people read them; null is what is not known.

import { number, t } from "../text.js";

const UNKNOWN = "–";

/** A metric or a measure with so many significant digits. */
export function figure(value, digits = 4) {
  return number(typeof value === "number" ? value + 0 : value, { digits }); // 0 where it is -0
}

/** A time in milliseconds. */
export function milliseconds(value) {
  return value === null || value === undefined ? UNKNOWN : `${figure(value, 3)} ms`;
}

/** How many times less: "26 ×". */
export function times(before, after) {
  if (!before || !after) return UNKNOWN;
  const ratio = before / after;
  return t("models.times", { n: number(ratio, { digits: ratio > 2 && ratio < 10 ? 2 : 3 }) });
}

/** How much a figure dropped, with its interval. */
export function drop(row) {
  if (row.drop === null) return UNKNOWN;
  if (row.drop_low === null || row.drop_high === null) return figure(row.drop, 3);
  return `${figure(row.drop, 3)} (${figure(row.drop_low, 3)} … ${figure(row.drop_high, 3)})`;
}

/** What was measured where the search was. */
export function judged(report) {
  return report.evaluations[report.architecture];
}
