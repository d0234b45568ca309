/** Golden requests as buttons. */
import { t } from "../text.js";
import { html, useState } from "../ui.js";

/** Examples that are shown before one asks for all. */
const FEW = 6;

/** `examples`: `[{name, instance}]`; the one that is `instance` is pressed. */
export function Examples({ examples, instance, onPick }) {
  const [all, setAll] = useState(false);
  const shown = all ? examples : examples.slice(0, FEW);
  return html`<div class="examples" role="group" aria-label=${t("playground.examples")}>
    <span class="hint">${t("playground.examples")}</span>
    ${shown.map((example) => html`<button type="button" class="small quiet" key=${example.name} aria-pressed=${instance === example.instance} onClick=${() => onPick(example.instance)}>${example.name}</button>`)}
    ${!all && examples.length > FEW && html`<button type="button" class="small bare" onClick=${() => setAll(true)}>${t("playground.more", { n: examples.length - FEW })}</button>`}
  </div>`;
}
