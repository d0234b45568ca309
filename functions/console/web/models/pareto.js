// Candidates of a compression in a plane: a size or a time across, quality up; those that no other one beats are joined.

import { html } from "../ui.js";
import { bounds, place, ticks } from "./axes.js";
import { clipped, fenced } from "./scale.js";

const WIDTH = 420;
const HEIGHT = 280;
const EDGE = { left: 66, right: 14, top: 30, bottom: 46 };
const RIGHT = WIDTH - EDGE.right;
const FLOOR = HEIGHT - EDGE.bottom;

/**
 * @param points {id, x, y, kind: "original"|"passes"|"fails", chosen, front}
 * @param shown id of the point that is pointed at, here or in the plot beside.
 */
export function Pareto({ points, across, up, format, label, shown, onShow }) {
  const x = bounds(points.map((point) => point.x), true);
  const y = fenced(points);
  const at = (point) => [place(x, point.x, EDGE.left, RIGHT), place(y, clipped(y, point.y), FLOOR, EDGE.top)];
  const isBeyond = (point) => point.y !== clipped(y, point.y);
  const front = points.filter((point) => point.front).sort((one, other) => one.x - other.x);
  return html`
    <svg class="plot" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${label}>
      <${Grid} x=${x} y=${y} format=${format} />
      <text class="plot-name" x=${(EDGE.left + RIGHT) / 2} y=${HEIGHT - 8} text-anchor="middle">${across}</text>
      <text class="plot-name" x="4" y="15">${up}</text>
      ${front.length > 1 && html`<polyline class="plot-front" points=${front.map((point) => at(point).join(",")).join(" ")} />`}
      ${points.toSorted((one, other) => layer(one) - layer(other)).map((point) => html`<${Mark} key=${point.id} point=${point} at=${at(point)} isBeyond=${isBeyond(point)} isShown=${point.id === shown} onShow=${onShow} />`)}
    </svg>
  `;
}

/** What matters more lies above. */
function layer({ kind, chosen }) {
  return chosen ? 3 : { fails: 0, passes: 1, original: 2 }[kind];
}

function Grid({ x, y, format }) {
  return html`
    ${ticks(y.low, y.high).map((value) => {
      const up = place(y, value, FLOOR, EDGE.top);
      return html`
        <line class="plot-line" x1=${EDGE.left} x2=${RIGHT} y1=${up} y2=${up} />
        <text class="plot-tick" x=${EDGE.left - 8} y=${up + 4} text-anchor="end">${format.y(value)}</text>
      `;
    })}
    ${ticks(x.low, x.high).map((value) => {
      const across = place(x, value, EDGE.left, RIGHT);
      return html`
        <line class="plot-line" x1=${across} x2=${across} y1=${EDGE.top} y2=${FLOOR} />
        <text class="plot-tick" x=${across} y=${FLOOR + 17} text-anchor="middle">${format.x(value)}</text>
      `;
    })}
  `;
}

function Mark({ point, at: [across, up], isBeyond, isShown, onShow }) {
  return html`
    <g onPointerEnter=${() => onShow(point.id)} onPointerLeave=${() => onShow(null)}>
      ${(point.chosen || isShown) && html`<circle class=${isShown ? "plot-shown" : "plot-chosen"} cx=${across} cy=${up} r="9.5" />`}
      <${Shape} kind=${point.kind} across=${across} up=${up} isBeyond=${isBeyond} />
      <circle class="plot-reach" cx=${across} cy=${up} r="12" />
    </g>
  `;
}

function Shape({ kind, across, up, isBeyond }) {
  if (isBeyond) {
    const out = up > HEIGHT / 2 ? 6 : -6; // an arrow that points out of the plane
    return html`<path class="plot-${kind}" d="M ${across - 5} ${up - out} h 10 l -5 ${out} z" />`;
  }
  return kind === "original"
    ? html`<rect class="plot-original" x=${across - 5} y=${up - 5} width="10" height="10" rx="1.5" />`
    : html`<circle class="plot-${kind}" cx=${across} cy=${up} r="4.5" />`;
}
