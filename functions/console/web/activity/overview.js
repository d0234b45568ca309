// The view: what to look at, the figures of it, the charts, and what is left of the plan.

import { html, useState } from "../ui.js";
import { t, when } from "../text.js";
import { Icon } from "../parts/icon.js";
import { Busy, Empty, Failure } from "../parts/states.js";
import { Charts } from "./charts.js";
import { Filters } from "./filters.js";
import { isIdle } from "./series.js";
import { Breakdown } from "./breakdown.js";
import { Tiles } from "./tiles.js";
import { Usage } from "./usage.js";
import { useWatched } from "./watching.js";

/** A point of the hour stands for a minute, one of the day for a quarter of an hour: sooner nothing is new. */
const EVERY_MS = { hour: 20_000, day: 120_000 };

/** @param span "hour" or "day". */
export function Overview({ span, model, version }) {
  const [isLive, setLive] = useState(true);
  const query = new URLSearchParams({ window: span, ...(model && { model }), ...(model && version && { version }) });
  const { found, problem, at, again } = useWatched(`console/api/activity?${query}`, isLive ? EVERY_MS[span] : 0);
  return html`
    <div class="activity">
      <header class="view-head">
        <div><h1>${t("activity.title")}</h1><p class="lead">${t("activity.lead")}</p></div>
        <div class="refresh">
          <label class="choice"><input type="checkbox" checked=${isLive} onChange=${(event) => setLive(event.target.checked)} /><span>${t("activity.auto")}</span></label>
          <button type="button" class="small quiet" onClick=${again}><${Icon} name="retry" size=${15} />${t("activity.refresh")}</button>
        </div>
      </header>
      <${Filters} span=${span} model=${model} version=${version} active=${found?.models ?? []} />
      ${problem && html`<${Failure} problem=${problem} retry=${again} />`}
      ${!found && !problem && html`<${Busy} />`}
      ${found && (isIdle(found.models) ? html`<${Idle} span=${span} />` : html`<${Shown} found=${found} />`)}
      ${found && html`<p class="soft asof">${t("activity.asOf", { at: when(at, { timeStyle: "medium" }), zone: zone() })}</p>`}
      <${Usage} isLive=${isLive} />
    </div>
  `;
}

function Shown({ found }) {
  return html`
    <${Tiles} found=${found} />
    <${Charts} found=${found} />
    <${Breakdown} models=${found.models} />
  `;
}

function Idle({ span }) {
  return html`
    <${Empty} icon="activity" title=${t(`activity.idle.${span}`)} text=${t("activity.idleMore")}>
      <a class="button" href="#/">${t("activity.try")}</a>
    <//>
  `;
}

function zone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
