// Totals of a window.

import { html } from "../ui.js";
import { duration, number, percent, t } from "../text.js";
import { peak, totals } from "./series.js";

export function Tiles({ found }) {
  const { requests, errors, cold_starts: cold, cache_hits: hits } = totals(found.models);
  const p95 = peak(found.models.flatMap((each) => each.series.p95 ?? []));
  const seconds = found.to - found.from;
  return html`
    <dl class="tiles">
      <${Tile} name=${t("activity.requests")} value=${count(requests)} more=${t("activity.rate", { n: number((requests / seconds) * 60, { digits: 3 }) })} />
      <${Tile} name=${t("activity.errors")} value=${count(errors)} more=${t("activity.share", { share: percent(requests ? errors / requests : 0) })} tone=${errors ? "is-danger" : ""} />
      <${Tile} name=${t("activity.peak")} value=${duration(p95)} more=${t("activity.peakMore")} />
      <${Tile} name=${t("activity.cold")} value=${count(cold)} more=${t("activity.share", { share: percent(requests ? cold / requests : 0) })} />
      <${Tile} name=${t("activity.hits")} value=${count(hits)} more=${t("activity.share", { share: percent(requests ? hits / requests : 0) })} />
    </dl>
  `;
}

/** A count, to the last one. */
export function count(value) {
  return number(value, { digits: 15 });
}

function Tile({ name, value, more, tone = "" }) {
  return html`<div class=${`tile ${tone}`}><dt>${name}</dt><dd><strong>${value}</strong><small>${more}</small></dd></div>`;
}
