// The report of a version's compression: what came of it, and everything that led there.

import { html } from "../ui.js";
import { bytes, number, t, when } from "../text.js";
import { Confusion } from "./confusion.js";
import { drop, figure, judged, milliseconds, times } from "./figures.js";
import { Plots } from "./plots.js";
import { Sensitivity } from "./sensitivity.js";
import { Recipe, Tried } from "./tried.js";

export function Report({ report }) {
  const found = judged(report);
  return html`
    <div class="report">
      <p class="lead">${sentence(report, found)}</p>
      <div class="verdict">
        <span class=${`chip ${found.passes ? "is-accent" : "is-danger"}`}>${t(found.passes ? "models.report.passes" : "models.report.fails")}</span>
        ${!found.passes && html`<span>${found.reason}</span>`}
        <${Recipe} recipe=${report.chosen.recipe} />
      </div>
      <${Tiles} report=${report} found=${found} />
      <${Section} name="plot"><${Plots} report=${report} /><//>
      <${Section} name="figures"><${Figures} report=${report} found=${found} /><//>
      <${Section} name="confusion"><${Confusion} confusion=${found.confusion} /><//>
      <${Section} name="sensitivity"><${Sensitivity} sensitivity=${report.sensitivity} /><//>
      <${Section} name="tried"><${Tried} report=${report} /><//>
      <${Section} name="again"><${Again} report=${report} found=${found} /><//>
    </div>
  `;
}

function Section({ name, children }) {
  return html`<section class="report-part"><h3>${t(`models.${name}.title`)}</h3>${children}</section>`;
}

function sentence(report, found) {
  if (!report.chosen.recipe) return t("models.report.kept", { n: report.tried.length });
  const { original, compressed } = found.bytes;
  const [before, after] = [found.latency.original.ms_1, found.latency.compressed.ms_1];
  const share = (part) => number(part, { style: "percent", digits: 2 });
  if (!before || !after) return t("models.report.smaller", { size: share(compressed / original) });
  return t("models.report.both", { size: share(compressed / original), time: share(after / before) });
}

function Tiles({ report, found }) {
  const { bytes: size, latency } = found;
  const of = (metric) => found.figures.find((row) => row.metric === metric);
  const main = of(report.gate.metric);
  const agreement = of("agreement");
  const pair = (before, after) => t("models.became", { before, after });
  const speed = (field) => [times(latency.original[field], latency.compressed[field]), pair(milliseconds(latency.original[field]), milliseconds(latency.compressed[field]))];
  return html`
    <dl class="tiles">
      <${Tile} name=${t("models.report.less")} value=${times(size.original, size.compressed)} more=${pair(bytes(size.original), bytes(size.compressed))} />
      <${Tile} name=${t("models.report.one")} value=${speed("ms_1")[0]} more=${speed("ms_1")[1]} />
      <${Tile} name=${t("models.report.many")} value=${speed("ms_32")[0]} more=${speed("ms_32")[1]} />
      ${main && html`<${Tile} name=${main.metric} value=${figure(main.value)} more=${t("models.report.was", { before: figure(main.original) })} />`}
      ${agreement && html`<${Tile} name=${t("models.report.agreement")} value=${figure(agreement.value)} more=${t("models.report.agrees")} />`}
    </dl>
  `;
}

function Tile({ name, value, more }) {
  return html`<div class="tile"><dt>${name}</dt><dd><strong>${value}</strong><small>${more}</small></dd></div>`;
}

function Figures({ report, found }) {
  const { gate } = report;
  return html`
    <p class="soft">${t("models.figures.how", { rows: number(gate.rows), draws: number(gate.draws) })}</p>
    <div class="scrolls" tabindex="0" role="group" aria-label=${t("models.figures.title")}>
      <table>
        <caption class="offscreen">${t("models.figures.title")}</caption>
        <thead>
          <tr>
            <th scope="col">${t("models.figures.metric")}</th>
            <th scope="col" class="number">${t("models.before")}</th>
            <th scope="col" class="number">${t("models.after")}</th>
            <th scope="col" class="number">${t("models.figures.drop")}</th>
          </tr>
        </thead>
        <tbody>
          ${found.figures.map((row) => html`
            <tr key=${row.metric}>
              <th scope="row">${row.metric}${row.metric === gate.metric && html` <span class="chip">${t("models.figures.gate", { n: figure(gate.max_drop) })}</span>`}</th>
              <td class="number">${figure(row.original)}</td>
              <td class="number">${figure(row.value)}</td>
              <td class="number">${drop(row)}</td>
            </tr>
          `)}
        </tbody>
      </table>
    </div>
  `;
}

function Again({ report, found }) {
  const { machine } = found;
  const flags = machine.flags.length ? ` (${machine.flags.join(", ")})` : "";
  return html`
    <pre class="scrolls" tabindex="0"><code>${report.command}</code></pre>
    <p class="soft">${t("models.again.where", { processor: machine.processor + flags, architecture: found.architecture, at: when(found.at) })}</p>
    ${report.chosen.notes.length > 0 && html`<ul class="notes">${report.chosen.notes.map((note) => html`<li key=${note}>${note}</li>`)}</ul>`}
  `;
}
