// Counts, time and cost of a job.

import { html } from "../ui.js";
import { dollars, duration, number, t } from "../text.js";

/** A count, to the last one. */
export function count(value) {
  return number(value, { digits: 15 });
}

export function Sums({ job }) {
  const { counts, cost } = job;
  const took = job.started_at && job.ended_at ? Math.max(1000, Date.parse(job.ended_at) - Date.parse(job.started_at)) : null;
  if (!counts && !cost && took === null) return null;
  return html`
    <dl class="tiles">
      ${counts && html`<${Tile} name=${t("jobs.rows")} value=${count(counts.rows)} />`}
      ${counts && html`<${Tile} name=${t("jobs.answered")} value=${count(counts.answered)} />`}
      ${counts && html`<${Tile} name=${t("jobs.refused")} value=${count(counts.errors)} tone=${counts.errors ? "is-warn" : ""} />`}
      ${took !== null && html`<${Tile} name=${t("jobs.took")} value=${duration(took)} />`}
      ${cost && html`<${Tile} name=${t(cost.is_final ? "jobs.cost" : "jobs.costSoFar")} value=${dollars(cost.usd)} more=${t("jobs.costMore", { on: cost.priced_on, seconds: cost.function_seconds })} />`}
    </dl>
  `;
}

function Tile({ name, value, more, tone = "" }) {
  return html`<div class=${`tile ${tone}`}><dt>${name}</dt><dd><strong>${value}</strong>${more && html`<small>${more}</small>`}</dd></div>`;
}
