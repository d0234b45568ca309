// What each version of each model did, as numbers.

import { html } from "../ui.js";
import { duration, percent, t } from "../text.js";
import { peak } from "./series.js";
import { count } from "./tiles.js";

export function Breakdown({ models }) {
  const heads = ["requests", "errors", "cold", "hits", "p50", "p95", "p99"];
  return html`
    <section class="card" aria-labelledby="activity-versions">
      <header><h2 id="activity-versions">${t("activity.versions")}</h2></header>
      <div class="scrolls" tabindex="0" role="group" aria-labelledby="activity-versions">
        <table>
          <thead>
            <tr>
              <th scope="col">${t("activity.model")}</th>
              <th scope="col" class="number">${t("activity.version")}</th>
              ${heads.map((head) => html`<th key=${head} scope="col" class="number">${t(`activity.head.${head}`)}</th>`)}
            </tr>
          </thead>
          <tbody>${models.map((each) => html`<${Row} key=${`${each.model}@${each.version}`} each=${each} />`)}</tbody>
        </table>
      </div>
      <p class="soft">${t("activity.worst")}</p>
    </section>
  `;
}

function Row({ each: { model, version, series, totals } }) {
  const share = totals.requests ? totals.errors / totals.requests : 0;
  return html`
    <tr>
      <th scope="row"><a href=${`#/models/${encodeURIComponent(model)}`}>${model}</a></th>
      <td class="number">${version}</td>
      <td class="number">${count(totals.requests)}</td>
      <td class=${`number${totals.errors ? " is-danger" : ""}`}>${count(totals.errors)}${totals.errors > 0 && html` <small>${percent(share)}</small>`}</td>
      <td class="number">${count(totals.cold_starts)}</td>
      <td class="number">${count(totals.cache_hits)}</td>
      ${["p50", "p95", "p99"].map((name) => html`<td key=${name} class="number">${duration(peak(series[name]))}</td>`)}
    </tr>
  `;
}
