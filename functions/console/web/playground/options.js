/** What a request may set otherwise than the package: how many answers, and from which score on. */
import { Field } from "../parts/field.js";
import { said } from "../problem.js";
import { number, t } from "../text.js";
import { html } from "../ui.js";

const KNOWN = { classification: ["top_k", "threshold"], multilabel: ["threshold"], nearest: ["top_k", "threshold"], ranking: ["top_k"] };

export function Options({ model, parameters, onParameters, problem }) {
  const declared = model.postprocess ?? {};
  const names = KNOWN[declared.kind] ?? [];
  if (!names.length || !model.preprocess) return null;
  const set = (name, text) => {
    const { [name]: _, ...others } = parameters;
    onParameters(text === "" ? others : { ...others, [name]: Number(text) });
  };
  const wrong = (name) => said(problem, `parameters.${name}`);
  return html`<details class="options" open=${names.some(wrong) || undefined}>
    <summary>${t("playground.options")}</summary>
    <div class="options-body">
      ${names.map((name) => html`<${Field} key=${name} label=${t(`playground.${name}`)} hint=${usual(declared[name])} error=${wrong(name)}>
          ${(tied) => html`<input type="number" name=${name} inputmode="decimal" step=${name === "top_k" ? 1 : 0.05} min=${name === "top_k" ? 1 : undefined} value=${parameters[name] ?? ""} onInput=${(event) => set(name, event.target.value)} ...${tied} />`}
        </${Field}>`)}
    </div>
  </details>`;
}

function usual(value) {
  return value === undefined ? t("playground.unset") : t("playground.usual", { value: number(value) });
}
