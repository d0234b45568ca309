/** Tensors as they are, over the Open Inference Protocol: for models that declare no processing. */
import { Field } from "../parts/field.js";
import { said } from "../problem.js";
import { t } from "../text.js";
import { html, useEffect, useRef, useState } from "../ui.js";

export function Form({ instance, onInstance, problem }) {
  const set = (index, changed) => onInstance({ inputs: instance.inputs.map((input, at) => (at === index ? { ...input, ...changed } : input)) });
  return html`<div class="tensors">
    <p class="hint">${t("playground.tensors.hint")}</p>
    ${instance.inputs.map((input, index) => html`<${Tensor} key=${input.name} input=${input} problem=${problem} at=${`inputs[${index}]`} onInput=${(changed) => set(index, changed)} />`)}
  </div>`;
}

function Tensor({ input, problem, at, onInput }) {
  const [text, setText] = useState(() => JSON.stringify(input.data));
  const [shape, setShape] = useState(() => input.shape.join(", "));
  const [broken, setBroken] = useState("");
  const own = useRef(input.data);
  useEffect(() => {
    if (own.current !== input.data) setText(JSON.stringify(input.data));
  }, [input.data]);
  const write = (value) => {
    setText(value);
    try {
      own.current = JSON.parse(value);
      setBroken("");
      onInput({ data: own.current });
    } catch (fault) {
      setBroken(t("playground.json", { reason: fault.message }));
    }
  };
  const reshape = (value) => {
    setShape(value);
    const extents = value.split(/[\s,x×]+/).filter(Boolean).map(Number);
    if (extents.every(Number.isInteger)) onInput({ shape: extents });
  };
  const wrongShape = said(problem, `${at}.shape`);
  const wrong = broken || (wrongShape ? "" : said(problem, at) || (problem?.place === `inputs` ? problem.message : ""));
  return html`<fieldset class="tensor">
    <legend><code>${input.name}</code> <span class="chip">${input.datatype}</span></legend>
    <${Field} label=${t("playground.shape")} error=${wrongShape}>
      ${(tied) => html`<input type="text" class="mono" name=${`${input.name} shape`} value=${shape} onInput=${(event) => reshape(event.target.value)} ...${tied} />`}
    </${Field}>
    <${Field} label=${t("playground.data")} error=${wrong}>
      ${(tied) => html`<textarea class="mono" name=${input.name} rows="4" spellcheck="false" value=${text} onInput=${(event) => write(event.target.value)} ...${tied}></textarea>`}
    </${Field}>
  </fieldset>`;
}
