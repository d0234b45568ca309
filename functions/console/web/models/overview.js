// Every model in a table: what serves, how many versions, how much compression saved.

import { html, useState } from "../ui.js";
import { bytes, number, t } from "../text.js";
import { Icon } from "../parts/icon.js";
import { Busy, Empty, Failure, useLoaded } from "../parts/states.js";
import { listModels } from "./registry.js";
import { Savings } from "./savings.js";
import { share } from "./state.js";

/** From so many models on, one wants to search. */
const MANY = 8;

export function Overview() {
  const { data: models, problem, again } = useLoaded((signal) => listModels({ signal }), []);
  const [sought, setSought] = useState("");
  const shown = (models ?? []).filter((model) => `${model.name} ${model.title} ${model.task}`.toLowerCase().includes(sought.toLowerCase().trim()));
  return html`
    <div class="models">
      <header class="view-head">
        <div><h1>${t("models.title")}</h1><p class="lead">${t("models.lead")}</p></div>
        ${models?.length >= MANY && html`
          <label class="search">
            <span class="offscreen">${t("models.search")}</span><${Icon} name="search" />
            <input type="search" placeholder=${t("models.search")} value=${sought} onInput=${(event) => setSought(event.target.value)} />
          </label>
        `}
      </header>
      ${problem && html`<${Failure} problem=${problem} retry=${again} />`}
      ${!models && !problem && html`<${Busy} />`}
      ${models?.length === 0 && html`<${Empty} icon="models" title=${t("models.none")} text=${t("models.noneMore")} />`}
      ${models?.length > 0 && shown.length === 0 && html`<${Empty} icon="search" title=${t("models.noMatch")} />`}
      ${shown.length > 0 && html`<${Table} models=${shown} />`}
    </div>
  `;
}

function Table({ models }) {
  return html`
    <div class="card models-card">
      <div class="scrolls" tabindex="0" role="group" aria-label=${t("models.title")}>
        <table class="models-table">
          <thead>
            <tr>
              <th scope="col">${t("models.model")}</th>
              <th scope="col">${t("models.task")}</th>
              <th scope="col">${t("models.serves")}</th>
              <th scope="col" class="number">${t("models.versions")}</th>
              <th scope="col" class="number">${t("models.size")}</th>
              <th scope="col">${t("models.saved")}</th>
            </tr>
          </thead>
          <tbody>${models.map((model) => html`<${Row} key=${model.name} model=${model} />`)}</tbody>
        </table>
      </div>
    </div>
  `;
}

function Row({ model }) {
  const { name, title, task, versions, size, original_size: original } = model;
  return html`
    <tr>
      <th scope="row"><a href=${`#/models/${encodeURIComponent(name)}`}>${title || name}</a><small>${name}</small></th>
      <td>${task ? task : "–"}</td>
      <td><${Serves} model=${model} /></td>
      <td class="number">${model.baked ? "–" : number(versions)}</td>
      <td class="number">${bytes(size)}</td>
      <td><${Savings} size=${size} original=${original} /></td>
    </tr>
  `;
}

function Serves({ model }) {
  if (model.baked) return html`<span class="chip">${t("models.baked")}</span>`;
  if (model.live === null) return html`<span class="chip is-warn">${t("models.notLive")}</span>`;
  const { live, canary, shadow } = model;
  return html`
    <span class="chips">
      <span class="chip is-accent">${t("models.liveAs", { n: String(live) })}</span>
      ${canary && html`<span class="chip is-warn">${t("models.canaryAs", { n: String(canary.version), share: share(canary.weight) })}</span>`}
      ${shadow !== null && html`<span class="chip">${t("models.shadowAs", { n: String(shadow) })}</span>`}
    </span>
  `;
}
