/** Named features: a number with its slider, or a choice of words, each with its unit and range. */
import { Field } from "../parts/field.js";
import { said } from "../problem.js";
import { number, t } from "../text.js";
import { html, useMemo } from "../ui.js";
import { span } from "./instances.js";

export function Form({ declared, instance, onInstance, problem, at, examples }) {
  const set = (name, value) => {
    const { [name]: _, ...others } = instance;
    onInstance(value === undefined ? others : { ...others, [name]: value });
  };
  return html`<div class=${`features ${declared.features.length > 12 ? "is-dense" : ""}`}>
    ${declared.features.map((feature) => html`<${Feature}
        key=${feature.name}
        feature=${feature}
        value=${instance[feature.name]}
        seen=${examples}
        error=${said(problem, `${at}.${feature.name}`)}
        onValue=${(value) => set(feature.name, value)}
      />`)}
  </div>`;
}

function Feature({ feature, value, seen, error, onValue }) {
  const label = readable(feature.name);
  const hint = [bounds(feature), feature.description, feature.missing !== undefined && t("playground.optional")].filter(Boolean).join(" · ");
  const draw = feature.type === "category" ? choice : measure;
  return html`<${Field} class="feature" label=${label} unit=${feature.unit} hint=${hint} error=${error}>
    ${(tied) => html`<${draw} feature=${feature} label=${label} value=${value} seen=${seen} onValue=${onValue} tied=${tied} />`}
  </${Field}>`;
}

function measure({ feature, label, value, seen, onValue, tied }) {
  const values = seen.map((example) => example.instance[feature.name]);
  const spanned = useMemo(() => span(feature, values), [feature, seen]);
  const read = (text) => onValue(text === "" ? undefined : Number(text));
  return html`<div class="measure">
    <input type="number" name=${feature.name} inputmode="decimal" step="any" value=${value ?? ""} placeholder=${feature.missing === undefined ? "" : t("playground.missing")} onInput=${(event) => read(event.target.value)} ...${tied} />
    ${spanned && html`<input
      type="range"
      aria-label=${t("playground.slider", { name: label })}
      min=${spanned.low}
      max=${spanned.high}
      step=${spanned.step}
      value=${typeof value === "number" ? value : spanned.low}
      onInput=${(event) => read(event.target.value)}
    />`}
  </div>`;
}

function choice({ feature, value, onValue, tied }) {
  const known = feature.categories ?? [];
  return html`<select name=${feature.name} value=${value ?? ""} onChange=${(event) => onValue(event.target.value === "" ? undefined : event.target.value)} ...${tied}>
    ${(feature.missing !== undefined || value === undefined) && html`<option value="">${t("playground.missing")}</option>`}
    ${value !== undefined && value !== null && !known.includes(value) && html`<option value=${value}>${value}</option>`}
    ${known.map((category) => html`<option key=${category} value=${category}>${category}</option>`)}
  </select>`;
}

/** `sepal_length` as people write it: Sepal length. */
export function readable(name) {
  const words = name.replaceAll("_", " ").trim();
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

/** The range of a feature in words, or "". */
export function bounds({ range }) {
  if (!range) return "";
  const [low, high] = range.map((value) => (typeof value === "number" && Number.isFinite(value) ? number(value) : null));
  if (low === null && high === null) return "";
  return low !== null && high !== null ? t("playground.range", { low, high }) : low !== null ? t("playground.from", { low }) : t("playground.upto", { high });
}
