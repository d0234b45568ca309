/** A sequence of known items - a history - that is picked from what the model knows. */
import { call } from "../api.js";
import { Field, Wrong } from "../parts/field.js";
import { Icon } from "../parts/icon.js";
import { said } from "../problem.js";
import { t } from "../text.js";
import { html, useEffect, useId, useState } from "../ui.js";
import { fieldOf } from "./instances.js";

export function Form({ model, declared, instance, onInstance, problem, at, examples }) {
  const field = fieldOf(declared);
  const items = instance[field];
  const place = `${at}.${field}`;
  const known = useVocabulary(model, declared, examples);
  const [typed, setTyped] = useState("");
  const id = useId();
  const change = (next) => onInstance({ [field]: next });
  const add = (item) => {
    if (!item.trim()) return;
    change([...items, item.trim()]);
    setTyped("");
  };
  const type = (event) => {
    // A pick from the list arrives as a whole, unlike what is typed.
    const picked = event.inputType === "insertReplacementText" || event.inputType === undefined;
    if (picked && known.includes(event.target.value)) add(event.target.value);
    else setTyped(event.target.value);
  };
  const whole = problem?.place === place || problem?.place === at ? problem.message : "";
  return html`<div class="items">
    <ol class="item-list" aria-label=${t("playground.items")}>
      ${items.map((item, index) => html`<${Item} key=${`${index} ${item}`} item=${item} index=${index} error=${said(problem, `${place}[${index}]`)} onRemove=${() => change(items.filter((_, at_) => at_ !== index))} />`)}
      ${!items.length && html`<li class="item-none">${t("playground.items.none")}</li>`}
    </ol>
    <${Field} label=${t("playground.items.add")} hint=${t("playground.items.hint", { n: known.length })} error=${whole}>
      ${(tied) => html`<div class="item-entry">
        <input type="text" name=${field} list=${`${id}-known`} autocomplete="off" value=${typed} onInput=${type} onKeyDown=${(event) => event.key === "Enter" && !event.isComposing && !event.ctrlKey && (event.preventDefault(), add(typed))} ...${tied} />
        <button type="button" disabled=${!typed.trim()} onClick=${() => add(typed)}><${Icon} name="plus" size=${16} />${t("playground.add")}</button>
      </div>`}
    </${Field}>
    <datalist id=${`${id}-known`}>${known.map((item) => html`<option key=${item} value=${item} />`)}</datalist>
  </div>`;
}

function Item({ item, index, error, onRemove }) {
  const id = useId();
  return html`<li class=${error ? "is-wrong" : ""}>
    <span class="item-rank number">${index + 1}</span><span class="item-name">${item}</span>
    <button type="button" class="bare small" aria-label=${t("playground.item.remove", { name: item })} aria-invalid=${error ? "true" : undefined} aria-describedby=${error ? id : undefined} onClick=${onRemove}><${Icon} name="close" size=${14} /></button>
    ${error && html`<${Wrong} id=${id} text=${error} />`}
  </li>`;
}

/** The items that the model knows: as declared, or else as the API's document has them; examples until it is there. */
function useVocabulary(model, declared, examples) {
  const field = fieldOf(declared);
  const [known, setKnown] = useState(() => (Array.isArray(declared.vocabulary) ? declared.vocabulary : [...new Set(examples.flatMap((one) => one.instance[field] ?? []))]));
  useEffect(() => {
    if (Array.isArray(declared.vocabulary)) return undefined;
    const ends = new AbortController();
    call("GET", "openapi.json", { signal: ends.signal }).then(({ data }) => {
      const found = vocabularyOf(data, model.name);
      if (found.length) setKnown(found);
    }, () => {}); // closed, or busy: the examples stay, and every item can be typed
    return () => ends.abort();
  }, [model.name]);
  return known;
}

function vocabularyOf(document, name) {
  const body = document?.paths?.[`/v1/models/${name}:predict`]?.post?.requestBody;
  const items = body?.content?.["application/json"]?.schema?.properties?.instances?.items;
  return items?.anyOf?.find((one) => one.type === "array")?.items?.enum ?? [];
}
