// How far a running job is.

import { html } from "../ui.js";
import { number, t } from "../text.js";
import { count } from "./sums.js";

export function Progress({ job }) {
  const { rows, rows_done: done, pieces, pieces_done: piecesDone, fraction } = job.progress;
  const label = t("jobs.progress");
  return html`
    <section class="card">
      <div class="meter-head"><h2>${label}</h2>${fraction !== null && html`<span>${number(fraction, { style: "percent", digits: 3 })}</span>`}</div>
      <progress max="1" value=${fraction ?? undefined} aria-label=${label}></progress>
      <p class="meter-foot">
        <span>${rows ? t("jobs.rowsOf", { done: count(done), rows: count(rows) }) : t("jobs.planning")}</span>
        ${pieces > 1 && html`<span>${t("jobs.piecesOf", { done: count(piecesDone), pieces: count(pieces) })}</span>`}
      </p>
    </section>
  `;
}
