// The versions of a model: what each is to it, how large and how good, and what an operator can make of it.

import { credentials, subscribe } from "../session.js";
import { html, useChanges } from "../ui.js";
import { bytes, t, when } from "../text.js";
import { figure } from "./figures.js";
import { Savings } from "./savings.js";
import { isReported, roles, share } from "./state.js";

const TONES = { live: "is-accent", canary: "is-warn", retired: "is-danger" };

/** @param shown the version whose report is shown. */
export function Versions({ model, shown, onShow, onAsk }) {
  useChanges(subscribe);
  const isOperator = credentials() !== null;
  const metric = model.versions.find((version) => version.metric)?.metric.name;
  return html`
    <div class="scrolls" tabindex="0" role="group" aria-labelledby="model-versions">
      <table class="versions">
        <thead>
          <tr>
            <th scope="col">${t("models.versionHead")}</th>
            <th scope="col">${t("models.published")}</th>
            <th scope="col" class="number">${t("models.size")}</th>
            <th scope="col">${t("models.saved")}</th>
            <th scope="col" class="number">${metric ?? t("models.quality")}</th>
            <th scope="col">${t("models.report")}</th>
            ${isOperator && html`<th scope="col">${t("models.actions")}</th>`}
          </tr>
        </thead>
        <tbody>
          ${model.versions.map((version) => html`
            <${Row} key=${version.version} version=${version} model=${model} isShown=${version.version === shown} onShow=${onShow} onAsk=${isOperator ? onAsk : null} />
          `)}
        </tbody>
      </table>
    </div>
  `;
}

function Row({ version, model, isShown, onShow, onAsk }) {
  const { version: n, published, digest, size, original_size: original, metric, ungated } = version;
  return html`
    <tr class=${isShown ? "is-shown" : ""}>
      <th scope="row">
        <span class="chips">${t("models.version", { n: String(n) })} ${roles(version, model).map((role) => html`<${Role} key=${role} role=${role} model=${model} />`)}</span>
        <small><code title=${digest}>${digest.slice(0, 12)}</code></small>
      </th>
      <td><time datetime=${published}>${when(published)}</time></td>
      <td class="number">${bytes(size)}</td>
      <td><${Savings} size=${size} original=${original} /></td>
      <td class="number">
        ${metric ? html`<span class="soft">${figure(metric.before)} →</span> ${figure(metric.after)}` : "–"}
        ${ungated && html`<small class="ungated"><span class="chip is-warn">${t("models.ungated")}</span> ${ungated}</small>`}
      </td>
      <td>
        ${isReported(version)
          ? html`<button type="button" class="small quiet" aria-pressed=${isShown ? "true" : "false"} onClick=${() => show(n, onShow)}>${t("models.show", { n: String(n) })}</button>`
          : "–"}
      </td>
      ${onAsk && html`<td><${Actions} version=${version} model=${model} onAsk=${onAsk} /></td>`}
    </tr>
  `;
}

function Role({ role, model }) {
  const text = role === "canary" ? t("models.role.canary", { share: share(model.canary.weight) }) : t(`models.role.${role}`);
  return html`<span class=${`chip ${TONES[role] ?? ""}`}>${text}</span>`;
}

function Actions({ version, model, onAsk }) {
  const n = version.version;
  const found = roles(version, model);
  const button = (action, more = {}) => html`
    <button type="button" class=${`small quiet ${action === "retire" ? "danger" : ""}`} onClick=${() => onAsk({ action, version: n, ...more })} aria-label=${t(`models.act.${action}Of`, { n: String(n) })}>${t(`models.act.${action}`)}</button>
  `;
  if (version.retired) return html`<span class="soft">${t("models.act.retired")}</span>`;
  if (found.includes("live")) return html`<span class="soft">${t("models.act.isLive")}</span>`;
  return html`
    <span class="row-actions">
      ${button("promote")}
      ${model.live !== null && !found.includes("canary") && button("canary", { weight: 0.1 })}
      ${model.live !== null && !found.includes("canary") && !found.includes("shadow") && button("shadow")}
      ${found.length === 0 && button("retire")}
    </span>
  `;
}

/** The report is below the table: go there. */
function show(version, onShow) {
  onShow(version);
  requestAnimationFrame(() => document.getElementById("model-report")?.focus({ preventScroll: false }));
}
