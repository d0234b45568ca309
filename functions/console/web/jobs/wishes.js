// What is wanted of the results: closed until somebody wants it, open where the API refused something of it.

import { html } from "../ui.js";
import { t } from "../text.js";
import { Field } from "../parts/field.js";
import { RESULT_COMPRESSIONS, RESULT_FORMATS } from "./formats.js";
import { BLANK } from "./options.js";

/**
 * @param wrong the control that a refusal is about.
 * @param words of the refusal.
 */
export function Wishes({ wishes, task, wrong, words, onChange }) {
  const error = (name) => (wrong === name ? words : "");
  const put = (name) => (event) => {
    const { type, checked, value } = event.target;
    onChange({ ...wishes, [name]: type === "checkbox" ? checked : value });
  };
  const select = (name, values) => html`
    <${Field} label=${t(`jobs.${name}`)} hint=${t(`jobs.${name}Hint`)} error=${error(name)}>
      ${(tied) => html`
        <select ...${tied} value=${wishes[name]} onChange=${put(name)}>
          <option value="">${t(`jobs.${name}Usual`)}</option>
          ${values.map((value) => html`<option key=${value} value=${value}>${value}</option>`)}
        </select>
      `}
    <//>
  `;
  const text = (name, more = {}) => html`
    <${Field} label=${t(`jobs.${name}`)} hint=${t(`jobs.${name}Hint`)} error=${error(name)}>
      ${(tied) => html`<input ...${tied} ...${more} autocomplete="off" spellcheck="false" value=${wishes[name]} onInput=${put(name)} />`}
    <//>
  `;
  return html`
    <details class="wishes" open=${wrong in BLANK || wrong === "options" || undefined}>
      <summary>${t("jobs.wishes")}</summary>
      <div class="wishes-fields">
        ${select("format", RESULT_FORMATS)} ${select("compression", RESULT_COMPRESSIONS)}
        ${text("carry")} ${text("ignore")} ${text("id")}
        ${task !== "regression" && text("top_k", { type: "number", min: 1, step: 1, inputmode: "numeric" })}
        ${task === "classification" && text("threshold", { type: "number", min: 0, max: 1, step: "any", inputmode: "decimal" })}
        <label class="choice"><input type="checkbox" checked=${wishes.explain} onChange=${put("explain")} /><span>${t("jobs.explain")}<small>${t("jobs.explainHint")}</small></span></label>
      </div>
    </details>
  `;
}
