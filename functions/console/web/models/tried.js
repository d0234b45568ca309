// What was tried, and why it lost; what never ran stands apart.

import { html } from "../ui.js";
import { bytes, t } from "../text.js";
import { figure, milliseconds } from "./figures.js";

export function Tried({ report }) {
  const rank = (each) => (each.recipe === report.chosen.recipe ? 0 : each.refused ? 2 : 1);
  const ran = report.tried.filter((each) => each.bytes > 0).sort((one, other) => rank(one) - rank(other) || one.bytes - other.bytes);
  const idle = report.tried.filter((each) => each.bytes === 0);
  return html`
    ${ran.length > 0 && html`
      <div class="scrolls" tabindex="0" role="group" aria-label=${t("models.tried.title")}>
        <table class="tried">
          <caption class="offscreen">${t("models.tried.title")}</caption>
          <thead>
            <tr>
              <th scope="col">${t("models.tried.recipe")}</th>
              <th scope="col" class="number">${t("models.size")}</th>
              <th scope="col" class="number">${t("models.tried.time")}</th>
              <th scope="col" class="number">${report.gate.metric}</th>
              <th scope="col">${t("models.tried.why")}</th>
            </tr>
          </thead>
          <tbody>${ran.map((each) => html`<${Row} key=${each.recipe} each=${each} isChosen=${each.recipe === report.chosen.recipe} />`)}</tbody>
        </table>
      </div>
    `}
    ${idle.length > 0 && html`
      <details class="idle">
        <summary>${t("models.tried.idle", { n: idle.length })}</summary>
        <dl>${idle.map((each) => html`<div key=${each.recipe}><dt><code>${each.recipe}</code></dt><dd>${each.lost}</dd></div>`)}</dl>
      </details>
    `}
  `;
}

function Row({ each, isChosen }) {
  return html`
    <tr class=${isChosen ? "chosen" : ""}>
      <th scope="row"><${Recipe} recipe=${each.recipe} /></th>
      <td class="number">${bytes(each.bytes)}</td>
      <td class="number">${milliseconds(each.ms_1)}</td>
      <td class="number">${figure(each.score)}</td>
      <td class="why">${isChosen ? html`<span class="chip is-accent">${t("models.tried.ships")}</span>` : each.lost}</td>
    </tr>
  `;
}

/** The steps of a recipe. */
export function Recipe({ recipe }) {
  if (!recipe) return t("models.original");
  return html`<ol class="recipe">${recipe.split(" | ").map((step) => html`<li key=${step}><code>${step}</code></li>`)}</ol>`;
}
