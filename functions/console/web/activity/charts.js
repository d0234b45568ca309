// The charts of a window: of one version its percentiles, of several the busiest against each other.

import { html } from "../ui.js";
import { duration, number, t } from "../text.js";
import { Chart } from "../parts/chart.js";
import { busiest, titled, together } from "./series.js";

const PERCENTILES = ["p50", "p95", "p99"];

export function Charts({ found }) {
  const { times, models } = found;
  const length = times.length;
  const one = (name, colour) => [{ label: t(`activity.series.${name}`), values: together(models, name, length), colour }];
  return html`
    <div class="charts">
      <${Card}><${Chart} title=${t("activity.chart.requests")} times=${times} series=${counted(models, "requests", length)} format=${whole} /><//>
      <${Card}><${Chart} title=${t(models.length === 1 ? "activity.chart.latency" : "activity.chart.p95")} times=${times} series=${latencies(models)} format=${duration} /><//>
      <${Card}><${Chart} title=${t("activity.chart.errors")} times=${times} series=${one("errors", "--danger")} format=${whole} kind="bars" height=${150} /><//>
      <${Card}><${Chart} title=${t("activity.chart.cold")} times=${times} series=${one("cold_starts", "--series-4")} format=${whole} kind="bars" height=${150} /><//>
      <${Card}><${Chart} title=${t("activity.chart.hits")} times=${times} series=${one("cache_hits", "--series-3")} format=${whole} kind="bars" height=${150} /><//>
    </div>
  `;
}

function Card({ children }) {
  return html`<section class="card">${children}</section>`;
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
