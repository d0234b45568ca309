// What the key's usage plan has left.

import { html } from "../ui.js";
import { percent, t } from "../text.js";
import { Busy, Failure } from "../parts/states.js";
import { count } from "./tiles.js";
import { useWatched } from "./watching.js";

const EVERY_MS = 60_000;
const TIGHT = 0.9;

export function Usage({ isLive }) {
  const { found, problem, again } = useWatched("console/api/usage", isLive ? EVERY_MS : 0);
  return html`
    <section class="card usage" aria-labelledby="activity-usage">
      <header><h2 id="activity-usage">${t("activity.usage")}</h2>${found?.key && html`<code class="soft">${found.key}</code>`}</header>
      ${problem && html`<${Failure} problem=${problem} retry=${again} />`}
      ${!found && !problem && html`<${Busy} />`}
      ${found && (found.limit === null ? html`<p class="soft">${t("activity.unlimited")}</p>` : html`<${Left} usage=${found} />`)}
    </section>
  `;
}

function Left({ usage: { limit, used, remaining, period } }) {
  const share = limit ? used / limit : 1;
  const span = t(`activity.period.${String(period).toLowerCase()}`);
  return html`
    <div class="meter-head"><strong>${t("activity.left", { remaining: count(remaining), period: span })}</strong><span>${percent(share)}</span></div>
    <meter min="0" max=${limit || 1} high=${limit * TIGHT} optimum="0" value=${used} aria-label=${t("activity.usage")}></meter>
    <p class="soft">${t("activity.used", { used: count(used), limit: count(limit) })}</p>
  `;
}
