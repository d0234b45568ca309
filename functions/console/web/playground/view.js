/** The playground: every model as a list to search, and a page to try each. */
import { call } from "../api.js";
import { Icon } from "../parts/icon.js";
import { Busy, Empty, Failure, useLoaded } from "../parts/states.js";
import { language, t } from "../text.js";
import { html, useEffect, useMemo, useRef, useState } from "../ui.js";

const ICONS = { tabular: "table", image: "image", text: "text", sequence: "sequence" };
/** Descriptions that are asked for at a time. */
const AT_ONCE = 3;

/** The list, or the page of `#/models/<name>/try`. */
export function view({ route }) {
  return route.id ? html`<${Lazy} key=${`${route.id} ${route.query.version ?? ""}`} name=${route.id} version=${route.query.version} />` : html`<${List} />`;
}

function Lazy({ name, version }) {
  const { data, problem } = useLoaded(() => import("./trial.js"), []);
  if (problem) return html`<${Failure} problem=${problem} retry=${() => location.reload()} />`;
  return data ? html`<${data.Trial} name=${name} version=${version} />` : html`<${Busy} />`;
}

function List() {
  const { data, problem, again } = useLoaded(models, []);
  const described = useDescriptions(data);
  const [wanted, setWanted] = useState("");
  const found = useMemo(() => matching(described, wanted), [described, wanted]);
  useEffect(() => {
    document.title = `${t("shell.view.playground")} · ortless`;
  });
  return html`<header class="view-head">
      <div>
        <h1>${t("playground.title")}</h1>
        <p class="lead">${t("playground.lead")}</p>
      </div>
      ${data?.length > 0 && html`<search class="search">
        <${Icon} name="search" size=${16} />
        <input type="search" name="search" aria-label=${t("playground.search")} placeholder=${t("playground.search")} value=${wanted} onInput=${(event) => setWanted(event.target.value)} />
      </search>`}
    </header>
    ${problem && html`<${Failure} problem=${problem} retry=${again} />`} ${!problem && !data && html`<${Busy} />`}
    ${data && !data.length && html`<${Empty} icon="models" title=${t("playground.none")} text=${t("playground.none.text")} />`}
    ${data?.length > 0 && html`<p class="offscreen" role="status">${t("playground.found", { n: found.length })}</p>`}
    ${data?.length > 0 && !found.length && html`<${Empty} icon="search" title=${t("playground.nothing", { text: wanted })}>
      <button type="button" onClick=${() => setWanted("")}>${t("playground.all")}</button>
    </${Empty}>`}
    ${found.length > 0 && html`<ul class="model-list">${found.map((model) => html`<${Entry} key=${model.name} model=${model} />`)}</ul>`}`;
}

function Entry({ model }) {
  return html`<li>
    <a href=${`#/models/${encodeURIComponent(model.name)}/try`}>
      <span class="model-icon"><${Icon} name=${iconOf(model)} size=${20} /></span>
      <span class="model-name"><strong>${model.title || model.name}</strong><code>${model.name}</code></span>
      <span class="model-about">${model.description ?? ""}</span>
      ${model.task && html`<span class="chip">${model.task}</span>`}
      <${Icon} name="next" size=${16} />
    </a>
  </li>`;
}

function iconOf(model) {
  const [takes, gives] = [model.takes ?? model.preprocess?.kind, model.gives ?? model.postprocess?.kind];
  return { nearest: "chat", ranking: "list" }[gives] ?? ICONS[takes] ?? "tensor";
}

/** Every model that answers, with what the registry says of it; one that was baked into the image has but its name yet. */
async function models(signal) {
  const registered = call("GET", "console/api/models", { signal }).then((answer) => answer.data.models ?? [], () => []);
  const { data } = await call("GET", "v1/models", { signal });
  const known = new Map((await registered).map((model) => [model.name, model]));
  return data.models.map((name) => known.get(name) ?? { name });
}

/** Models with their descriptions, those that are missing filled in one after the other. */
function useDescriptions(listed) {
  const [more, setMore] = useState({});
  const alive = useRef(true);
  useEffect(() => () => { alive.current = false; }, []);
  useEffect(() => {
    const missing = (listed ?? []).filter((model) => typeof model.description !== "string").map((model) => model.name);
    const next = async () => {
      const name = missing.shift();
      if (name === undefined || !alive.current) return;
      const found = await call("GET", `v1/models/${encodeURIComponent(name)}`).then((answer) => answer.data, () => ({ description: "" }));
      if (alive.current) setMore((before) => ({ ...before, [name]: found }));
      await next();
    };
    for (let lane = 0; lane < AT_ONCE; lane += 1) next();
  }, [listed]);
  return useMemo(() => (listed ?? []).map((model) => ({ ...model, ...more[model.name] })), [listed, more]);
}

function matching(listed, wanted) {
  const words = wanted.toLocaleLowerCase(language()).split(/\s+/).filter(Boolean);
  const text = (model) => [model.name, model.title, model.task, model.description].join(" ").toLocaleLowerCase(language());
  return listed.filter((model) => words.every((word) => text(model).includes(word)));
}
