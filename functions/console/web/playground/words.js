/** A text, or a pair of texts. */
import { Field } from "../parts/field.js";
import { said } from "../problem.js";
import { number, t } from "../text.js";
import { html } from "../ui.js";

export function Form({ declared, instance, onInstance, problem, at }) {
  const fields = declared.pair ? ["text", "pair"] : ["text"];
  // Of a single text the API names the instance itself.
  const wrong = (field) => said(problem, `${at}.${field}`) || (field === "text" && problem?.place === at ? problem.message : "");
  return html`<div class="words">
    ${fields.map((field, index) => html`<${Field} key=${field} label=${t(declared.pair ? `playground.text.${index + 1}` : "playground.text")} hint=${index === fields.length - 1 ? limit(declared) : ""} error=${wrong(field)}>
        ${(tied) => html`<textarea name=${field} rows="5" value=${instance[field] ?? ""} onInput=${(event) => onInstance({ ...instance, [field]: event.target.value })} ...${tied}></textarea>`}
      </${Field}>`)}
  </div>`;
}

function limit({ max_length: length = 512, truncation = "end" }) {
  return t(`playground.tokens.${truncation}`, { n: length });
}
