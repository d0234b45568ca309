// What was tried, by size and by time, each against quality; pointing at a candidate says what it is.

import { html, useState } from "../ui.js";
import { bytes, t } from "../text.js";
import { figure, milliseconds } from "./figures.js";
import { fronted, isMoreBetter } from "./front.js";
import { Pareto } from "./pareto.js";

const LEGEND = ["original", "chosen", "passes", "fails", "front"];

export function Plots({ report }) {
  const [shown, setShown] = useState(null);
  const candidates = [{ ...report.original, isOriginal: true }, ...report.tried].filter(isMeasured);
  const isMore = isMoreBetter(report);
  const points = (field, unit) => fronted(candidates.filter((each) => each[field]).map((each) => point(each, field, unit, report)), isMore);
  const metric = report.gate.metric;
  const format = { x: (value) => figure(value, 3), y: (value) => figure(value, 5) };
  const panel = (field, unit, name) => html`
    <${Pareto} points=${points(field, unit)} across=${t(`models.plot.${name}`)} up=${metric} format=${format}
      label=${t(`models.plot.${name}Label`, { metric })} shown=${shown} onShow=${setShown} />
  `;
  return html`
    <ul class="plot-legend">
      ${LEGEND.map((kind) => html`<li key=${kind}><${Swatch} kind=${kind} />${t(`models.legend.${kind}`)}</li>`)}
    </ul>
    <div class="plot-pair">${panel("bytes", 1000, "size")}${panel("ms_1", 1, "time")}</div>
    <${Detail} candidate=${candidates.find((each) => each.recipe === shown)} metric=${metric} />
  `;
}

function isMeasured(candidate) {
  return candidate.score !== null && candidate.bytes > 0;
}

function point(candidate, field, unit, report) {
  const kind = candidate.isOriginal ? "original" : candidate.refused ? "fails" : "passes";
  return {
    id: candidate.recipe,
    x: candidate[field] / unit,
    y: candidate.score,
    kind,
    chosen: candidate.recipe === report.chosen.recipe,
  };
}

function Swatch({ kind }) {
  const shapes = {
    original: html`<rect class="plot-original" x="3" y="3" width="10" height="10" rx="1.5" />`,
    chosen: html`<circle class="plot-passes" cx="8" cy="8" r="3.5" /><circle class="plot-chosen" cx="8" cy="8" r="6.8" />`,
    passes: html`<circle class="plot-passes" cx="8" cy="8" r="4.5" />`,
    fails: html`<circle class="plot-fails" cx="8" cy="8" r="4.5" />`,
    front: html`<polyline class="plot-front" points="1,12 8,6 15,3" />`,
  };
  return html`<svg class="plot-swatch" viewBox="0 0 16 16" aria-hidden="true">${shapes[kind]}</svg>`;
}

function Detail({ candidate, metric }) {
  if (!candidate) return html`<p class="plot-detail soft">${t("models.plot.point")}</p>`;
  return html`
    <p class="plot-detail">
      <code>${candidate.recipe || t("models.original")}</code>
      <span>${bytes(candidate.bytes)}</span>
      <span>${milliseconds(candidate.ms_1)}</span>
      <span>${metric} ${figure(candidate.score)}</span>
      ${candidate.lost && html`<span class="soft">${candidate.lost}</span>`}
    </p>
  `;
}
