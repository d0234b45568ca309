// What the quantization of each layer alone does to the answers, the most sensitive first.

import { html, useState } from "../ui.js";
import { t } from "../text.js";
import { figure } from "./figures.js";

const SHOWN = 12;

export function Sensitivity({ sensitivity }) {
  const [isWhole, setWhole] = useState(false);
  const layers = sensitivity.layers;
  if (layers.length === 0) {
    return html`<p class="soft">${t("models.sensitivity.none", { reason: sensitivity.reason || "-" })}</p>`;
  }
  const most = Math.max(...layers.map((layer) => layer.error)) || 1;
  const shown = isWhole ? layers : layers.slice(0, SHOWN);
  return html`
    <div class="scrolls" tabindex="0" role="group" aria-label=${t("models.sensitivity.title")}>
      <table class="layers">
        <caption class="offscreen">${t("models.sensitivity.caption")}</caption>
        <thead>
          <tr>
            <th scope="col">${t("models.sensitivity.layer")}</th>
            <th scope="col">${t("models.sensitivity.error")}</th>
            <th scope="col" class="number">${t("models.sensitivity.cosine")}</th>
          </tr>
        </thead>
        <tbody>${shown.map((layer) => html`<${Layer} key=${layer.layer} layer=${layer} share=${layer.error / most} />`)}</tbody>
      </table>
    </div>
    ${layers.length > SHOWN && html`
      <button type="button" class="quiet" onClick=${() => setWhole(!isWhole)}>
        ${t(isWhole ? "models.fewer" : "models.all", { n: layers.length })}
      </button>
    `}
  `;
}

function Layer({ layer, share }) {
  return html`
    <tr>
      <th scope="row"><code>${layer.layer}</code><small>${layer.operator} ${layer.shape.join(" × ")}</small></th>
      <td>
        <svg class="strip" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
          <rect class="strip-whole" width="100" height="8" />
          <rect class="strip-part" width=${Math.max(0.8, share * 100)} height="8" />
        </svg>
        <span class="strip-value">${figure(layer.error, 3)}</span>
      </td>
      <td class="number">${layer.cosine === null ? "–" : layer.cosine.toFixed(6)}</td>
    </tr>
  `;
}
