/** A time series as a chart by uPlot, which is loaded by the first one, with its numbers as a table beside it. */
import { html, style, useEffect, useRef, useState } from "../ui.js";
import { number, t, when } from "../text.js";
import { colour } from "./colour.js";

const COLOURS = ["--series-1", "--series-2", "--series-3", "--series-4"];

/**
 * `times`: epoch seconds; `series`: `[{ label, values, colour? }]` with null where there is no datum, `colour` a custom
 * property's name; `format(value)` writes a value; `title` names it. `kind`: "line" or "bars". `range`: `[low, high]`.
 * `x`: set to "number" where the horizontal axis holds no times.
 */
export function Chart({ title, times, series, format = number, height = 180, kind = "line", range, x = "time" }) {
  const box = useRef(null);
  const [failed, setFailed] = useState(false);
  const drawn = JSON.stringify([times, series.map((one) => [one.label, one.values, one.colour])]);
  useEffect(() => {
    let plot, watch, gone = false;
    const draw = (uPlot) => {
      plot?.destroy();
      plot = new uPlot(options(uPlot, { box: box.current, series, format, height, kind, range, x }), [times, ...series.map((one) => one.values)], box.current);
    };
    library().then((uPlot) => {
      if (gone) return;
      draw(uPlot);
      watch = new ResizeObserver(() => box.current && plot.setSize({ width: box.current.clientWidth, height }));
      watch.observe(box.current);
      scheme.addEventListener("change", again);
      document.addEventListener("themechange", again);
    }, () => setFailed(true));
    const again = () => library().then((uPlot) => gone || draw(uPlot));
    return () => {
      gone = true;
      watch?.disconnect();
      scheme.removeEventListener("change", again);
      document.removeEventListener("themechange", again);
      plot?.destroy();
    };
  }, [drawn, height, kind, x]);
  const labelled = (value) => (x === "time" ? when(value, { timeStyle: "short", dateStyle: "short" }) : number(value));
  return html`<figure class="chart">
    <figcaption>
      <span>${title}</span>
      <span class="legend">${series.map((one, index) => html`<span key=${one.label} class=${`legend-${index % 4}`}>${one.label}</span>`)}</span>
    </figcaption>
    <div ref=${box} class="chart-box" aria-hidden="true"></div>
    <details class="chart-numbers" open=${failed}>
      <summary>${t("shell.numbers")}</summary>
      <div class="scrolls" tabindex="0" role="region" aria-label=${title}>
        <table>
          <thead><tr><th scope="col">${x === "time" ? t("shell.time") : ""}</th>${series.map((one) => html`<th scope="col">${one.label}</th>`)}</tr></thead>
          <tbody>${times.map((time, row) => html`<tr key=${time}><th scope="row">${labelled(time)}</th>${series.map((one) => html`<td>${one.values[row] == null ? "–" : format(one.values[row])}</td>`)}</tr>`)}</tbody>
        </table>
      </div>
    </details>
  </figure>`;
}

const scheme = matchMedia("(prefers-color-scheme: dark)");
let loaded;

function library() {
  loaded ??= Promise.all([import("../vendor/uplot.js"), style(new URL("../vendor/uplot.css", import.meta.url))]).then(([module]) => module.default);
  return loaded;
}

function options(uPlot, { box, series, format, height, kind, range, x }) {
  const [ink, line] = [colour("--ink-soft"), colour("--line")];
  const axis = { stroke: ink, font: "11px system-ui, sans-serif", ticks: { stroke: line, width: 1 }, grid: { stroke: line, width: 1 } };
  const paths = kind === "bars" ? uPlot.paths.bars({ size: [0.7, 40] }) : undefined;
  return {
    width: box.clientWidth,
    height,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 } },
    scales: { x: { time: x === "time" }, y: { range: range ?? ((_, low, high) => [Math.min(0, low ?? 0), (high || 1) * 1.08]) } },
    series: [
      {},
      ...series.map((one, index) => {
        const shade = colour(one.colour ?? COLOURS[index % COLOURS.length]);
        return { label: one.label, stroke: shade, fill: kind === "bars" ? shade : undefined, width: kind === "bars" ? 0 : 2, paths, spanGaps: false, points: { show: kind !== "bars", size: 4 } };
      }),
    ],
    axes: [{ ...axis, size: 32, values: x === "time" ? (_, ticks, __, ___, step) => ticks.map((tick) => when(tick, step >= 86400 ? { day: "numeric", month: "short" } : { timeStyle: "short" })) : undefined }, { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => format(tick)) }],
  };
}
