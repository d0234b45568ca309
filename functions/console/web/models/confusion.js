// Which label was taken for which, before and after; of many labels only what changed.

import { html } from "../ui.js";
import { number, t } from "../text.js";

const MOST_LABELS = 12;
const MOST_CHANGES = 15;
const LEVELS = 8;

export function Confusion({ confusion }) {
  if (!confusion) return html`<p class="soft">${t("models.confusion.none")}</p>`;
  if (confusion.labels.length > MOST_LABELS) return html`<${Changes} confusion=${confusion} />`;
  return html`
    <p class="soft">${t("models.confusion.how")}</p>
    <div class="confusion-pair">
      ${["original", "compressed"].map((side) => html`<${Matrix} key=${side} side=${side} confusion=${confusion} />`)}
    </div>
  `;
}

function Matrix({ side, confusion }) {
  const { labels } = confusion;
  const counts = confusion[side];
  const other = confusion[side === "original" ? "compressed" : "original"];
  return html`
    <div class="scrolls" tabindex="0" role="group" aria-label=${t(`models.confusion.${side}`)}>
      <table class="confusion">
        <caption>${t(`models.confusion.${side}`)}</caption>
        <thead>
          <tr><td></td>${labels.map((label) => html`<th scope="col" key=${label}><span>${label}</span></th>`)}</tr>
        </thead>
        <tbody>
          ${counts.map((row, index) => html`
            <tr key=${labels[index]}>
              <th scope="row">${labels[index]}</th>
              ${row.map((count, taken) => html`
                <td key=${taken} class=${shade(count, row, index === taken, side === "compressed" && count !== other[index][taken])}>${number(count)}</td>
              `)}
            </tr>
          `)}
        </tbody>
      </table>
    </div>
  `;
}

function shade(count, row, isRight, isChanged) {
  const total = row.reduce((sum, each) => sum + each, 0);
  const level = count && total ? Math.max(1, Math.ceil((count / total) * LEVELS)) : 0;
  return `${isRight ? "right" : "wrong"}-${level}${isChanged ? " changed" : ""}`;
}

function Changes({ confusion }) {
  const changes = changed(confusion);
  if (changes.length === 0) return html`<p class="soft">${t("models.confusion.same")}</p>`;
  return html`
    <p class="soft">${t("models.confusion.changes", { n: confusion.labels.length })}</p>
    <div class="scrolls" tabindex="0" role="group" aria-label=${t("models.confusion.title")}>
      <table>
        <caption class="offscreen">${t("models.confusion.title")}</caption>
        <thead>
          <tr>
            <th scope="col">${t("models.confusion.is")}</th>
            <th scope="col">${t("models.confusion.taken")}</th>
            <th scope="col" class="number">${t("models.before")}</th>
            <th scope="col" class="number">${t("models.after")}</th>
          </tr>
        </thead>
        <tbody>
          ${changes.slice(0, MOST_CHANGES).map(({ is, taken, before, after }) => html`
            <tr key=${`${is}-${taken}`}>
              <th scope="row" class="long"><span title=${confusion.labels[is]}>${confusion.labels[is]}</span></th>
              <td class="long"><span title=${confusion.labels[taken]}>${confusion.labels[taken]}</span></td>
              <td class="number">${number(before)}</td>
              <td class="number">${number(after)}</td>
            </tr>
          `)}
        </tbody>
      </table>
    </div>
  `;
}

function changed({ original, compressed }) {
  const pairs = original.flatMap((row, is) =>
    row.map((before, taken) => ({ is, taken, before, after: compressed[is][taken] })),
  );
  const size = ({ before, after }) => Math.abs(after - before);
  return pairs.filter((pair) => pair.is !== pair.taken && size(pair) > 0).sort((one, other) => size(other) - size(one));
}
