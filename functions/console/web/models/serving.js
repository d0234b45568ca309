// What serves now, at a glance, and what an operator can end or take back.

import { credentials, ask, subscribe } from "../session.js";
import { html, useChanges } from "../ui.js";
import { t } from "../text.js";
import { Icon } from "../parts/icon.js";
import { FIELDS } from "./transitions.js";
import { share, worded } from "./state.js";

/** @param onAsk is told of an action: {action, version?, weight?}. */
export function Serving({ model, onAsk }) {
  useChanges(subscribe);
  const isOperator = credentials() !== null;
  const { live, previous, canary, shadow, generation } = model;
  return html`
    <section class="card serving" aria-labelledby="model-serving">
      <header>
        <h2 id="model-serving">${t("models.serving")}</h2>
        ${generation !== null && html`<span class="soft">${t("models.generation", { n: String(generation) })}</span>`}
      </header>
      <dl class="tiles">
        ${FIELDS.map((field) => html`
          <div key=${field} class=${`tile is-${field}${model[field] === null ? " is-empty" : ""}`}>
            <dt>${t(`models.field.${field}`)}</dt>
            <dd><strong>${worded(model[field])}</strong></dd>
          </div>
        `)}
      </dl>
      ${canary && html`
        <svg class="split" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label=${t("models.split", { live: share(1 - canary.weight), canary: share(canary.weight) })}>
          <rect class="split-live" width="100" height="8" /><rect class="split-canary" x=${100 - canary.weight * 100} width=${canary.weight * 100} height="8" />
        </svg>
      `}
      ${isOperator
        ? html`<div class="actions">
            ${canary && html`<button type="button" onClick=${() => onAsk({ action: "promote", version: canary.version })}>${t("models.act.promoteCanary")}</button>`}
            ${canary && html`<button type="button" class="quiet" onClick=${() => onAsk({ action: "canary", version: canary.version, weight: canary.weight })}>${t("models.act.weight")}</button>`}
            ${canary && html`<button type="button" class="quiet danger" onClick=${() => onAsk({ action: "rollback" })}>${t("models.act.endCanary")}</button>`}
            ${!canary && previous !== null && html`<button type="button" class="quiet danger" onClick=${() => onAsk({ action: "rollback" })}>${t("models.act.rollback", { n: String(previous) })}</button>`}
            ${shadow !== null && html`<button type="button" class="quiet" onClick=${() => onAsk({ action: "shadow", version: null })}>${t("models.act.endShadow")}</button>`}
            ${live !== null && !canary && previous === null && shadow === null && html`<span class="soft">${t("models.act.below")}</span>`}
            <button type="button" class="bare" onClick=${() => ask("credentials")}><${Icon} name="key" size=${16} />${t("models.act.who", { id: hidden(credentials().accessKeyId) })}</button>
          </div>`
        : html`<p class="operator-hint">
            <span class="soft">${t("models.act.needs")}</span>
            <button type="button" class="small" onClick=${() => ask("credentials")}><${Icon} name="key" size=${15} />${t("models.act.enter")}</button>
          </p>`}
    </section>
  `;
}

/** Enough of an access key's id to know which it is. */
function hidden(id) {
  return `${id.slice(0, 4)}…${id.slice(-4)}`;
}
