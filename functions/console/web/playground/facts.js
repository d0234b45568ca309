/** What answered, how long it took, what it cost, and the same request as code. */
import { Copy } from "../parts/copy.js";
import { Icon } from "../parts/icon.js";
import { Tabs } from "../parts/tabs.js";
import { root, settings } from "../session.js";
import { bytes, dollars, duration, t } from "../text.js";
import { html, useState } from "../ui.js";
import { cost, requestOf } from "./requests.js";
import { isLarge, snippets } from "./snippets.js";

const LANGUAGES = [["curl", "curl"], ["python", "Python"], ["javascript", "JavaScript"]];

export function Facts({ model, version, instance, parameters, asking }) {
  return html`<section class="card request" aria-labelledby="request-title">
    <header><h2 id="request-title">${t("playground.request")}</h2></header>
    ${asking.last && html`<${Timing} answer=${asking.last} />`}
    ${instance && html`<${Code} model=${model} version=${version} instance=${asking.last && model.postprocess?.kind === "nearest" && !instance.text ? asking.last.instance : instance} parameters=${parameters} />`}
  </section>`;
}

function Timing({ answer }) {
  const { told, ms } = answer;
  const price = cost(settings, told.functionMs ?? ms, told.model);
  const rows = [
    [t("playground.model"), html`<code>${told.model}</code>`],
    [t("playground.version.name"), html`${told.version}${told.variant && html` <span class="chip is-warn">${told.variant}</span>`}`],
    told.cache && [t("playground.cache"), html`<span class=${`chip ${told.cache === "hit" ? "is-accent" : ""}`}>${t(`playground.cache.${told.cache === "hit" ? "hit" : "miss"}`)}</span>`],
    [t("playground.time.function"), told.functionMs === null ? "–" : html`${duration(told.functionMs)}${told.cold && html` <span class="chip is-warn">${t("playground.cold")}</span>`}`],
    [t("playground.time.all"), duration(ms)],
    price !== null && [t("playground.cost"), html`${told.functionMs === null ? "≤ " : "≈ "}${dollars(price)} <span class="soft">${t("playground.cost.million", { price: dollars(price * 1e6) })}</span>`],
  ];
  return html`<dl class="facts">${rows.filter(Boolean).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function Code({ model, version, instance, parameters }) {
  const { path, json } = requestOf(model, { version, instance, parameters });
  const made = snippets({ url: new URL(path, root).href, json, auth: settings.auth ?? "key", region: settings.region });
  const [chosen, setChosen] = useState("curl");
  const tabs = LANGUAGES.map(([id, label]) => ({ id, label, content: () => html`<pre class="code" tabindex="0" role="region" aria-label=${label}>${made[id]}</pre>` }));
  return html`<div class="as-code">
    <${Tabs} label=${t("playground.code")} tabs=${tabs} selected=${chosen} onSelect=${setChosen} extra=${html`<${Copy} text=${made[chosen]} />`} />
    ${isLarge(json) && html`<button type="button" class="small quiet" onClick=${() => save(json)}><${Icon} name="download" size=${15} />request.json <span class="soft">${bytes(JSON.stringify(json).length)}</span></button>`}
  </div>`;
}

function save(json) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(json)], { type: "application/json" }));
  link.download = "request.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
