/** The page of a model: a form of what it takes, its answer, and the request that it was. */
import { call } from "../api.js";
import { Icon } from "../parts/icon.js";
import { Busy, Failure, useLoaded } from "../parts/states.js";
import { t } from "../text.js";
import { html, style, useEffect, useRef, useState } from "../ui.js";
import { Answer } from "./answers.js";
import { useAsking } from "./asking.js";
import { Examples } from "./examples.js";
import { Facts } from "./facts.js";
import { blank, examplesOf, formOf, isExplained } from "./instances.js";
import { Options } from "./options.js";
import { AT } from "./requests.js";

await style(new URL("./playground.css", import.meta.url));

const FORMS = {
  features: () => import("./features.js"),
  picture: () => import("./picture.js"),
  words: () => import("./words.js"),
  conversation: () => import("./conversation.js"),
  steps: () => import("./steps.js"),
  items: () => import("./items.js"),
  row: () => import("./row.js"),
  tensors: () => import("./tensors.js"),
};

/** `name` and, if not the live one, `version` of the model. */
export function Trial({ name, version }) {
  const { data, problem, again } = useLoaded((signal) => load(name, version, signal), [name, version]);
  useEffect(() => {
    document.title = `${data?.model.title || name} · ortless`;
  });
  if (problem) return html`<${Back} /><h1>${name}</h1><${Failure} problem=${problem} retry=${again} />`;
  if (!data) return html`<${Back} /><${Busy} label=${t("playground.loading", { name })} />`;
  return html`<${Back} /><${Head} model=${data.model} version=${version} /><${Bench} ...${data} version=${version} />`;
}

async function load(name, version, signal) {
  const place = `models/${encodeURIComponent(name)}${version ? `/versions/${encodeURIComponent(version)}` : ""}`;
  const examples = call("GET", `v1/${place}/examples`, { signal }).then((answer) => answer.data.examples ?? [], () => []);
  const { data: model } = await call("GET", `v1/${place}`, { signal });
  const form = formOf(model);
  const signature = form === "tensors" || form === "row" ? call("GET", `v2/${place}`, { signal }).then((answer) => answer.data) : null;
  const module = await FORMS[form]();
  return { model, module, signature: await signature, examples: examplesOf(model, await examples) };
}

function Back() {
  return html`<p class="back"><a href="#/"><${Icon} name="back" size=${15} />${t("playground.all")}</a></p>`;
}

function Head({ model, version }) {
  return html`<header class="trial-head">
    <h1>${model.title || model.name}</h1>
    <p class="trial-chips">
      <code>${model.name}</code><span class="chip">${model.task}</span>
      <span class="chip">${t("playground.version", { version: model.version })}</span>
      ${version && html`<span class="chip is-warn">${t("playground.pinned")}</span>`}
    </p>
    ${model.description && html`<p class="lead">${model.description}</p>`}
    ${(model.licence || model.provenance) && html`<details class="origin">
      <summary>${t("playground.origin")}</summary>
      <p>${model.provenance}</p>
      ${model.licence && html`<p>${t("playground.licence", { name: model.licence })}</p>`}
    </details>`}
  </header>`;
}

function Bench({ model, module, signature, examples, version }) {
  const [instance, setInstance] = useState(() => (formOf(model) === "conversation" || !examples.length ? blank(model, signature) : examples[0].instance));
  const [parameters, setParameters] = useState({});
  const asking = useAsking(model, version);
  const shared = { model, instance, onInstance: setInstance, examples, asking, parameters, at: formOf(model) === "tensors" ? "" : AT };
  const options = html`<${Options} model=${model} parameters=${parameters} onParameters=${setParameters} problem=${asking.problem} />`;
  const facts = html`<${Facts} model=${model} version=${version} instance=${instance} parameters=${parameters} asking=${asking} />`;
  if (module.Conversation) {
    return html`<div class="bench"><${module.Conversation} ...${shared} options=${options} /><div class="bench-side">${facts}</div></div>`;
  }
  return html`<div class="bench">
    <${Input} ...${shared} Form=${module.Form} options=${options} />
    <div class="bench-side">
      <${Answer} model=${model} instance=${instance} asking=${asking} onInstance=${setInstance} />
      ${facts}
    </div>
  </div>`;
}

function Input({ Form, model, instance, onInstance, examples, asking, parameters, at, options }) {
  const form = useRef(null);
  const unplaced = useUnplaced(form, asking.problem);
  const submit = (event) => {
    event.preventDefault();
    asking.ask("predict", instance, parameters);
  };
  const keys = (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && submit(event);
  return html`<form class="card input" ref=${form} noValidate onSubmit=${submit} onKeyDown=${keys} aria-labelledby="input-title">
    <header><h2 id="input-title">${t("playground.input")}</h2></header>
    ${examples.length > 0 && html`<${Examples} examples=${examples} instance=${instance} onPick=${onInstance} />`}
    <${Form} model=${model} declared=${model.preprocess ?? {}} instance=${instance} onInstance=${onInstance} problem=${asking.problem} at=${at} examples=${examples} />
    ${options}
    ${unplaced && html`<${Failure} problem=${unplaced} retry=${unplaced.kind === "invalid" ? undefined : () => asking.again()} jobs=${`#/jobs?model=${encodeURIComponent(model.name)}`} />`}
    <div class="actions input-actions">
      <button type="submit" class="main" aria-busy=${asking.busy === "predict"} disabled=${instance === null}>${t(asking.busy === "predict" ? "playground.predicting" : "playground.predict")}</button>
      ${isExplained(model) && html`<button type="button" aria-busy=${asking.busy === "explain"} disabled=${instance === null} onClick=${() => asking.ask("explain", instance, parameters)}>
        ${t(asking.busy === "explain" ? "playground.explaining" : "playground.explain")}
      </button>`}
    </div>
  </form>`;
}

/** A problem that no control of the form shows; the first control that does show one gets the focus. */
function useUnplaced(form, problem) {
  const [unplaced, setUnplaced] = useState(null);
  useEffect(() => {
    const wrong = problem && form.current?.querySelector('[aria-invalid="true"]');
    wrong?.focus();
    setUnplaced(wrong ? null : problem);
  }, [problem]);
  return problem && unplaced;
}
