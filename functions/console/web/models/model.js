// One model: what serves, what an operator can do about it, its versions, the report of one, its history.

import { html, useState } from "../ui.js";
import { t } from "../text.js";
import { Icon } from "../parts/icon.js";
import { Busy, Empty, Failure, Guard, useLoaded } from "../parts/states.js";
import { Change } from "./change.js";
import { History } from "./history.js";
import { read } from "./registry.js";
import { Report } from "./report.js";
import { Serving } from "./serving.js";
import { isReported } from "./state.js";
import { Versions } from "./versions.js";

export function Model({ name, query }) {
  const at = encodeURIComponent(name);
  const { data: model, problem, again } = useLoaded((signal) => read(`console/api/models/${at}`, signal), [name]);
  const isBaked = problem?.code === "unknown_model";
  return html`
    <div class="model">
      <p class="way"><a href="#/models"><${Icon} name="back" size=${15} />${t("models.title")}</a></p>
      ${!model && html`<h1 class="offscreen">${name}</h1>`}
      ${problem && !isBaked && html`<${Failure} problem=${problem} retry=${again} />`}
      ${isBaked && html`<${Baked} name=${name} />`}
      ${!model && !problem && html`<${Busy} />`}
      ${model && html`<${Found} model=${model} wanted=${query.version} again=${again} />`}
    </div>
  `;
}

function Found({ model, wanted, again }) {
  const [asked, setAsked] = useState(null);
  const reported = model.versions.filter(isReported);
  const first = Number(wanted) || model.live || model.versions[0]?.version;
  const [version, setVersion] = useState(reported.some((each) => each.version === first) ? first : reported[0]?.version);
  return html`
    <header class="view-head">
      <div>
        <h1>${model.title}</h1>
        <p class="model-facts"><code>${model.name}</code>${model.task && html`<span class="chip">${model.task}</span>`}</p>
      </div>
      <div class="actions">
        <a class="button" href=${`#/models/${encodeURIComponent(model.name)}/try`}>${t("models.try")}</a>
        <a class="button quiet" href=${`#/jobs?model=${encodeURIComponent(model.name)}`}>${t("models.job")}</a>
        <a class="button quiet" href=${`#/activity?model=${encodeURIComponent(model.name)}`}>${t("models.activity")}</a>
      </div>
    </header>
    <${Serving} model=${model} onAsk=${setAsked} />
    <section class="card" aria-labelledby="model-versions">
      <h2 id="model-versions">${t("models.versions")}</h2>
      <${Versions} model=${model} shown=${version} onShow=${setVersion} onAsk=${setAsked} />
    </section>
    ${version ? html`<${Reported} key=${version} name=${model.name} version=${version} />` : html`<p class="soft">${t("models.report.nobody")}</p>`}
    <section class="card" aria-labelledby="model-history">
      <h2 id="model-history">${t("models.history.title")}</h2>
      <${History} changes=${model.history} />
    </section>
    ${asked && html`<${Change} asked=${asked} model=${model} onClose=${() => setAsked(null)} onDone=${again} />`}
  `;
}

function Reported({ name, version }) {
  const path = `console/api/models/${encodeURIComponent(name)}/versions/${version}/report`;
  const { data, problem, again } = useLoaded((signal) => read(path, signal), [path]);
  return html`
    <section class="card" id="model-report" tabindex="-1" aria-labelledby="model-report-title">
      <h2 id="model-report-title">${t("models.report.title", { n: String(version) })}</h2>
      ${problem && html`<${Failure} problem=${problem} retry=${again} />`}
      ${!data && !problem && html`<${Busy} />`}
      ${data && html`<${Guard}><${Report} report=${data} /><//>`}
    </section>
  `;
}

/** A model that no version was published of: it is part of the function, or there is none. */
function Baked({ name }) {
  const { data, problem, again } = useLoaded((signal) => read(`v1/models/${encodeURIComponent(name)}`, signal), [name]);
  if (problem) return html`<${Failure} problem=${problem} retry=${again} />`;
  if (!data) return html`<${Busy} />`;
  return html`
    <${Empty} icon="models" title=${data.title || name} text=${t("models.bakedMore")}>
      <a class="button" href=${`#/models/${encodeURIComponent(name)}/try`}>${t("models.try")}</a>
    <//>
  `;
}
