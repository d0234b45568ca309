// The charts of a window: of one version its percentiles, of several the busiest against each other.

import { html } from "../ui.js";
import { duration, number, t } from "../text.js";
import { Chart } from "../parts/chart.js";
import { busiest, sum, titled, together } from "./series.js";

/** Colours of what is counted of all that is shown. */
const COUNTS = { errors: "--danger", cold_starts: "--series-4", cache_hits: "--series-3" };
const PERCENTILES = ["p50", "p95", "p99"];

export function Charts({ found }) {
  const { times, models } = found;
  const length = times.length;
  return html`
    <div class="charts">
      <${Card}><${Chart} title=${t("activity.chart.requests")} times=${times} series=${counted(models, "requests", length)} format=${whole} /><//>
      <${Card}><${Chart} title=${t(models.length === 1 ? "activity.chart.latency" : "activity.chart.p95")} times=${times} series=${latencies(models)} format=${duration} /><//>
      ${Object.entries(COUNTS).map(([name, colour]) => html`
        <${Count} key=${name} times=${times} title=${t(`activity.series.${name}`)} values=${together(models, name, length)} colour=${colour} />
      `)}
    </div>
  `;
}

function Card({ children }) {
  return html`<section class="card">${children}</section>`;
}

/** One count of all that is shown; of a window without any a sentence says so. */
function Count({ times, title, values, colour }) {
  return html`
    <section class="card is-count">
      ${sum(values)
        ? html`<${Chart} title=${title} times=${times} series=${[{ label: title, values, colour }]} format=${whole} kind="bars" height=${130} />`
        : html`<h2>${title}</h2><p class="soft">${t("activity.zero")}</p>`}
    </section>
  `;
}

/** Counts by version; those that are not among the busiest as one. */
function counted(models, name, length) {
  const { shown, rest } = busiest(models);
  const lines = shown.map((each) => ({ label: titled(each), values: each.series[name] }));
  return rest.length ? [...lines, { label: t("activity.others", { n: rest.length }), values: together(rest, name, length) }] : lines;
}

/** Percentiles cannot be summed: of several versions each has its own line, and the less busy ones none. */
function latencies(models) {
  if (models.length === 1) return PERCENTILES.map((name) => ({ label: name, values: models[0].series[name] }));
  return busiest(models).shown.map((each) => ({ label: titled(each), values: each.series.p95 }));
}

/** A count on an axis: between two whole numbers there is none. */
function whole(value) {
  return Number.isInteger(value) ? number(value, { digits: 15 }) : "";
}
