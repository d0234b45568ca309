/** An answer as people read it, for each kind that a package may declare. */
import { Bars } from "../parts/bars.js";
import { Copy } from "../parts/copy.js";
import { Icon } from "../parts/icon.js";
import { Busy } from "../parts/states.js";
import { number, percent, t } from "../text.js";
import { html, useEffect, useRef, useState } from "../ui.js";
import { Explanation } from "./explanation.js";
import { readable } from "./features.js";
import { fieldOf, formOf } from "./instances.js";

const BELOW = "(max-width: 1000px)";
/** Rows of bars before one asks for all. */
const FEW = 5;

/** The card beside the form: what the model said last, and why if that was asked. */
export function Answer({ model, instance, asking, onInstance }) {
  const { prediction, explanation, busy } = asking;
  const isStale = (answer) => answer && answer.instance !== instance;
  const late = isStale(prediction ?? explanation);
  const card = useRef(null);
  useEffect(() => {
    // Where the answer stands below the form, it comes to who waits for it.
    if (asking.last && matchMedia(BELOW).matches) card.current.scrollIntoView({ block: "start" });
  }, [asking.last]);
  return html`<section ref=${card} class=${`card answer ${busy ? "is-busy" : ""}`} aria-labelledby="answer-title" aria-busy=${Boolean(busy)}>
    <header>
      <h2 id="answer-title">${t("playground.answer")}</h2>
      ${busy ? html`<span class="spinner" aria-hidden="true"></span>` : late ? html`<span class="chip">${t("playground.stale")}</span>` : null}
    </header>
    <div aria-live="polite">
      ${!prediction && !explanation && (busy ? html`<${Busy} label=${t("playground.thinking")} />` : html`<p class="soft">${t("playground.answer.none")}</p>`)}
      ${prediction && html`<${Prediction} model=${model} value=${prediction.value} data=${prediction.data} instance=${instance} onInstance=${onInstance} />`}
    </div>
    ${explanation && html`<div class="why"><h3>${t("playground.why")}</h3><${Explanation} model=${model} explanation=${explanation} /></div>`}
  </section>`;
}

function Prediction({ model, value, data, instance, onInstance }) {
  const declared = model.postprocess ?? {};
  if (formOf(model) === "tensors") return html`<${Tensors} data=${data} />`;
  const drawn = { classification: Classification, multilabel: Multilabel, regression: Regression, embedding: Embedding, ranking: Ranking, nearest: Nearest }[declared.kind] ?? Plain;
  return html`<${drawn} model=${model} declared=${declared} value=${value} instance=${instance} onInstance=${onInstance} />`;
}

function Classification({ declared, value }) {
  const rows = Object.entries(value.probabilities).sort((one, other) => (other[1] ?? -1) - (one[1] ?? -1));
  const chosen = value.probabilities[value.label];
  return html`<p class="headline"><strong>${value.label ?? t("playground.unsure")}</strong>${chosen !== undefined && html` <span class="number">${percent(chosen)}</span>`}</p>
    ${declared.threshold !== undefined && html`<p class="hint">${t(declared.positive === undefined ? "playground.threshold.any" : "playground.threshold.of", { label: declared.positive, value: percent(declared.threshold) })}</p>`}
    <${Shares} rows=${rows} isStrong=${(label) => label === value.label} />`;
}

function Multilabel({ declared, value }) {
  const rows = Object.entries(value.probabilities).sort((one, other) => (other[1] ?? -1) - (one[1] ?? -1));
  return html`<p class="headline">${value.labels.length ? value.labels.map((label) => html`<strong class="tag" key=${label}>${label}</strong>`) : html`<strong>${t("playground.no.label")}</strong>`}</p>
    <p class="hint">${t("playground.threshold.any", { value: percent(declared.threshold ?? 0.5) })}</p>
    <${Shares} rows=${rows} isStrong=${(label) => value.labels.includes(label)} />`;
}

function Shares({ rows, isStrong }) {
  const [all, setAll] = useState(false);
  const isAll = all || rows.length <= FEW + 1;
  const shown = isAll ? rows : rows.slice(0, FEW);
  return html`<${Bars} max=${1} label=${t("playground.probabilities")} rows=${shown.map(([label, share]) => ({ label, value: share ?? 0, text: percent(share), strong: isStrong(label) }))} />
    ${!isAll && html`<button type="button" class="small quiet more" onClick=${() => setAll(true)}>${t("playground.more", { n: rows.length - FEW })}</button>`}`;
}

function Regression({ declared, value }) {
  if (value === null || typeof value !== "object") {
    return html`<p class="headline is-number"><strong class="number">${number(value)}</strong>${declared.unit && html` <span>${declared.unit}</span>`}</p>`;
  }
  const units = Object.fromEntries((declared.values ?? []).map(({ name, unit }) => [name, unit]));
  return html`<dl class="facts values">${Object.entries(value).map(([name, one]) => html`<dt>${readable(name)}</dt><dd><strong class="number">${number(one)}</strong> ${units[name] ?? ""}</dd>`)}</dl>`;
}

function Ranking({ model, value, instance, onInstance }) {
  const scores = value.items.map((item) => item.score);
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const share = (score) => (high > low ? 0.08 + (0.92 * (score - low)) / (high - low) : 1);
  const field = formOf(model) === "items" ? fieldOf(model.preprocess) : "";
  return html`<ol class="ranking">
    ${value.items.map(({ item, score }, index) => html`<li key=${item}>
        <span class="item-rank number">${index + 1}</span>
        <span class="ranking-item"><span>${item}</span><${Gauge} share=${share(score)} /></span>
        <span class="number soft" title=${t("playground.score")}>${number(score, { digits: 3 })}</span>
        ${field && html`<button type="button" class="bare small" aria-label=${t("playground.item.add", { name: item })} title=${t("playground.item.add", { name: item })} disabled=${instance[field].includes(item)} onClick=${() => onInstance({ [field]: [...instance[field], item] })}><${Icon} name="plus" size=${15} /></button>`}
      </li>`)}
  </ol>`;
}

function Gauge({ share }) {
  return html`<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="bar-track" width="100" height="4" /><rect class="bar-more" width=${share * 100} height="4" /></svg>`;
}

function Nearest({ value }) {
  return html`<p class="headline"><strong>${value.answer ?? t("playground.no.answer")}</strong></p>
    <${Bars} max=${1} label=${t("playground.others")} rows=${(value.candidates ?? []).map(({ answer, score }) => ({ label: answer, value: score, text: number(score, { digits: 3 }), strong: answer === value.answer }))} />`;
}

function Embedding({ value }) {
  const most = Math.max(...value.map((one) => Math.abs(one ?? 0)), Number.MIN_VALUE);
  const width = 100 / value.length;
  const norm = Math.hypot(...value.map((one) => one ?? 0));
  return html`<dl class="facts"><dt>${t("playground.dimensions")}</dt><dd>${number(value.length)}</dd><dt>${t("playground.norm")}</dt><dd>${number(norm, { digits: 4 })}</dd></dl>
    <svg class="vector" viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label=${t("playground.vector")}>
      ${value.map((one, index) => html`<rect key=${index} class=${one < 0 ? "bar-less" : "bar-more"} x=${index * width} width=${width * 0.9} y=${one < 0 ? 20 : 20 - (20 * one) / most} height=${(20 * Math.abs(one ?? 0)) / most} />`)}
    </svg>
    <${Copy} text=${() => JSON.stringify(value)} label=${t("playground.copy.vector")} />`;
}

function Plain({ value }) {
  return html`<pre class="code" tabindex="0" role="group" aria-label=${t("playground.answer")}>${JSON.stringify(value, null, 1)}</pre>`;
}

function Tensors({ data }) {
  return (data.outputs ?? []).map((output) => html`<div class="tensor" key=${output.name}>
      <p><code>${output.name}</code> <span class="chip">${output.datatype}</span> <span class="soft number">[${output.shape?.join(", ")}]</span></p>
      <pre class="code" tabindex="0" role="group" aria-label=${output.name}>${brief(output.data)}</pre>
    </div>`);
}

function brief(values = []) {
  const shown = values.slice(0, 200).map((value) => (typeof value === "number" ? number(value, { useGrouping: false }) : JSON.stringify(value)));
  return shown.join("  ") + (values.length > 200 ? `  … (${number(values.length)})` : "");
}
