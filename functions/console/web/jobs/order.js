// A new job: which model answers, which file, and what is wanted of the results.

import { call } from "../api.js";
import { Problem } from "../problem.js";
import { settings } from "../session.js";
import { html, useEffect, useState } from "../ui.js";
import { bytes, t } from "../text.js";
import { Wrong, Field } from "../parts/field.js";
import { Icon } from "../parts/icon.js";
import { Failure } from "../parts/states.js";
import { exampleFile, rowsOf } from "./columns.js";
import { Drop } from "./drop.js";
import { LARGEST } from "./formats.js";
import { blamed, BLANK, options } from "./options.js";
import { Wishes } from "./wishes.js";
import { begin } from "./uploads.js";

const FRESH = { model: "", version: "", wishes: BLANK };
/** What was chosen last: looking at another view, or after an interrupted upload, does not lose it. */
let draft = FRESH;

/** Have the form begin with an order of before. */
export function again(order) {
  draft = { ...FRESH, ...order };
}

/** @param models [{name, title}] that can answer. */
export function Order({ models }) {
  const [order, setOrder] = useState(() => ({ ...draft, model: draft.model || models[0]?.name || "" }));
  const [file, setFile] = useState(null);
  const [problem, setProblem] = useState(null);
  const [isPlacing, setPlacing] = useState(false);
  const model = useModel(order.model);
  const wrong = problem ? blamed(problem) : "";
  const said = (control) => (wrong === control ? problem.message : "");
  const put = (what) => {
    draft = { ...order, ...what };
    setOrder(draft);
    setProblem(null);
  };
  const take = (chosen) => {
    setFile(chosen);
    setProblem(null);
  };
  const send = async (event) => {
    event.preventDefault();
    if (!file) return setProblem(new Problem("invalid", t("jobs.noFile"), { code: "no_file" }));
    setPlacing(true);
    try {
      const ticket = await place(order, file);
      draft = { ...FRESH, model: order.model };
      begin(ticket, order, file);
      location.hash = `#/jobs/${ticket.id}`;
    } catch (fault) {
      setProblem(Problem.from(fault));
      setPlacing(false);
    }
  };
  return html`
    <form class="order card" onSubmit=${send} aria-labelledby="order-title">
      <h2 id="order-title">${t("jobs.new")}</h2>
      <div class="order-model">
        <${Field} label=${t("jobs.model")} error=${said("model")}>
          ${(tied) => html`
            <select ...${tied} value=${order.model} onChange=${(event) => put({ model: event.target.value, version: "" })}>
              ${models.map((each) => html`<option key=${each.name} value=${each.name}>${each.title ? `${each.title} (${each.name})` : each.name}</option>`)}
            </select>
          `}
        <//>
        <${Field} label=${t("jobs.version")} error=${said("version")}>
          ${(tied) => html`<input ...${tied} class="short" inputmode="numeric" pattern="[0-9]{1,9}" autocomplete="off" placeholder=${t("jobs.live")}
            value=${order.version} onInput=${(event) => put({ version: event.target.value.trim() })} />`}
        <//>
      </div>
      <${Drop} file=${file} onFile=${take} error=${problem?.code === "no_file" ? problem.message : said("file")} most=${Math.min(settings.max_job_bytes ?? LARGEST, LARGEST)} rows=${rowsOf(model)} />
      <${Example} model=${order.model} onFile=${take} />
      <${Wishes} wishes=${order.wishes} task=${model?.task} wrong=${wrong} words=${problem?.message} onChange=${(wishes) => put({ wishes })} />
      ${wrong === "options" && html`<${Wrong} text=${problem.message} />`}
      ${problem && !wrong && problem.code !== "no_file" && html`<${Failure} problem=${problem} jobs="" />`}
      <div class="actions">
        <button type="submit" class="main" disabled=${isPlacing} aria-busy=${isPlacing}>
          <${Icon} name="upload" />${t(isPlacing ? "jobs.placing" : "jobs.begin")}
        </button>
        ${file && html`<span class="soft">${t("jobs.ready", { name: file.name, size: bytes(file.size) })}</span>`}
      </div>
    </form>
  `;
}

async function place(order, file) {
  const wanted = { file: file.name, bytes: file.size, version: order.version || null, options: options(order.wishes) };
  return (await call("POST", `v1/models/${encodeURIComponent(order.model)}/jobs`, { json: wanted })).data;
}

/** A model's metadata, null as long as it is not there; the form does without. */
function useModel(name) {
  const [model, setModel] = useState(null);
  useEffect(() => {
    if (!name) return undefined;
    const end = new AbortController();
    setModel(null);
    call("GET", `v1/models/${encodeURIComponent(name)}`, { signal: end.signal }).then(({ data }) => setModel(data), () => {});
    return () => end.abort();
  }, [name]);
  return model;
}

/** Makes a file of the model's own examples, for who has none at hand. */
function Example({ model, onFile }) {
  const [isMissing, setMissing] = useState(false);
  useEffect(() => setMissing(false), [model]);
  const make = async () => {
    try {
      const { data } = await call("GET", `v1/models/${encodeURIComponent(model)}/examples`);
      const file = exampleFile(model, data.examples);
      if (file) onFile(file);
      setMissing(!file);
    } catch {
      setMissing(true);
    }
  };
  return html`
    <p class="order-example">
      <button type="button" class="small quiet" onClick=${make}>${t("jobs.example")}</button>
      <span role="status">${isMissing && t("jobs.noExample")}</span>
    </p>
  `;
}
