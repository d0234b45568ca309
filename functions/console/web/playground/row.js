/** A row of tensors as JSON: for models that declare what their answers mean, but not what goes in. */
import { Field } from "../parts/field.js";
import { said } from "../problem.js";
import { t } from "../text.js";
import { html, useEffect, useRef, useState } from "../ui.js";

export function Form({ instance, onInstance, problem, at }) {
  const [text, setText] = useState(() => JSON.stringify(instance));
  const [broken, setBroken] = useState("");
  const own = useRef(instance);
  useEffect(() => {
    if (own.current === instance) return;
    setText(JSON.stringify(instance));
    setBroken("");
  }, [instance]);
  const write = (value) => {
    setText(value);
    try {
      own.current = JSON.parse(value);
      setBroken("");
      onInstance(own.current);
    } catch (fault) {
      setBroken(t("playground.json", { reason: fault.message }));
    }
  };
  return html`<${Field} label=${t("playground.row")} hint=${t("playground.row.hint")} error=${broken || said(problem, at)}>
    ${(tied) => html`<textarea class="mono" name="instance" rows="6" spellcheck="false" value=${text} onInput=${(event) => write(event.target.value)} ...${tied}></textarea>`}
  </${Field}>`;
}
