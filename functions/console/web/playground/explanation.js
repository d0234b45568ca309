/** Why a model answered as it did: bars, highlighted words, or a heat map over the picture. */
import { Bars } from "../parts/bars.js";
import { colour } from "../parts/colour.js";
import { number, t } from "../text.js";
import { html, useEffect, useRef, useState } from "../ui.js";
import { readable } from "./features.js";
import { fieldOf, formOf } from "./instances.js";
import { bitmapOf, contentOf, seen } from "./pictures.js";

/** Bars before one asks for all. */
const FEW = 12;
/** Pixels of the longer side of a heat map. */
const SIDE = 480;

/** `explanation`: what `useAsking` keeps of an answer of `:explain`. */
export function Explanation({ model, explanation }) {
  const { value, instance } = explanation;
  const drawn = { features: Features, picture: Heat, words: Words, conversation: Words, steps: Places, items: Places, row: Elements }[formOf(model)];
  return html`<div class="explanation">
    ${value.target !== undefined && html`<p class="hint">${t("playground.target", { name: value.target })}</p>`}
    <${drawn} model=${model} value=${value} instance=${instance} />
    <p class="hint number">
      ${t("playground.baseline", { low: number(value.baseline, { digits: 3 }), high: number(value.score, { digits: 3 }) })}${value.error > 0 && ` · ± ${number(value.error, { digits: 2 })}`} · ${t("playground.runs", { n: value.runs })}
    </p>
  </div>`;
}

function Features({ value }) {
  return html`<${Ordered} rows=${Object.entries(value.attributions).map(([name, one]) => ({ label: readable(name), value: one }))} />`;
}

/** Elements of tensors, each by its place. */
function Elements({ value }) {
  const flat = (one, path) => (typeof one === "object" && one !== null ? Object.entries(one).flatMap(([at, inner]) => flat(inner, Array.isArray(one) ? `${path}[${at}]` : at)) : [{ label: path, value: one }]);
  return html`<${Ordered} rows=${flat(value.attributions, "")} />`;
}

/** Steps and items by their place; runs of steps stand together where there are many. */
function Places({ model, value, instance }) {
  const list = instance[fieldOf(model.preprocess)];
  const label = ({ start, end }) => {
    if (end - start > 1) return t("playground.run", { first: start + 1, last: end });
    return typeof list[start] === "string" ? list[start] : t("playground.step", { n: start + 1 });
  };
  return html`<${Ordered} rows=${value.attributions.map((one) => ({ label: label(one), value: one.value }))} />`;
}

function Ordered({ rows }) {
  const [all, setAll] = useState(false);
  const sorted = rows.toSorted((one, other) => Math.abs(other.value) - Math.abs(one.value));
  const shown = (all ? sorted : sorted.slice(0, FEW)).map((row) => ({ ...row, text: signed(row.value) }));
  return html`<${Bars} label=${t("playground.why")} rows=${shown} max=${Math.abs(sorted[0]?.value) || undefined} />
    ${!all && rows.length > FEW && html`<button type="button" class="small quiet more" onClick=${() => setAll(true)}>${t("playground.more", { n: rows.length - FEW })}</button>`}`;
}

function Words({ model, value, instance }) {
  const fields = model.preprocess.pair ? ["text", "pair"] : ["text"];
  const most = Math.max(...value.attributions.map((one) => Math.abs(one.value)), Number.MIN_VALUE);
  return html`${fields.map((field) => html`<p class="marked" key=${field}>${pieces(Array.from(instance[field] ?? ""), value.attributions.filter((one) => (one.field ?? "text") === field)).map(({ text, value: one }, index) =>
        one === undefined ? text : html`<${Word} key=${index} text=${text} value=${one} share=${Math.abs(one) / most} />`)}</p>`)}
    <${Legend} />`;
}

/** A text's words and what is between them; places count characters, not UTF-16 units. */
function pieces(characters, attributions) {
  const found = [];
  let at = 0;
  for (const { start, end, value } of attributions.toSorted((one, other) => one.start - other.start)) {
    if (start > at) found.push({ text: characters.slice(at, start).join("") });
    found.push({ text: characters.slice(start, end).join(""), value });
    at = end;
  }
  return [...found, { text: characters.slice(at).join("") }];
}

function Word({ text, value, share }) {
  const mark = useRef(null);
  useEffect(() => mark.current.style.setProperty("--share", `${Math.round(share * 70)}%`), [share]);
  return html`<mark ref=${mark} class=${value < 0 ? "is-less" : ""} title=${signed(value)}>${text}</mark>`;
}

/** The picture in greys, the parts that speak for the answer in one colour and those against it in the other. */
function Heat({ model, value, instance }) {
  const canvas = useRef(null);
  useEffect(() => {
    let gone = false;
    const content = contentOf(instance);
    const draw = () => bitmapOf(content).then((bitmap) => gone || overlay(canvas.current, bitmap, seen(model.preprocess, bitmap, content), value.attributions), () => {});
    draw();
    document.addEventListener("themechange", draw);
    return () => {
      gone = true;
      document.removeEventListener("themechange", draw);
    };
  }, [value, instance]);
  return html`<canvas class="heat" ref=${canvas} width="1" height="1" role="img" aria-label=${t("playground.heat")}></canvas><${Legend} />`;
}

function overlay(canvas, bitmap, box, grid) {
  const scale = SIDE / Math.max(box.width, box.height);
  Object.assign(canvas, { width: Math.round(box.width * scale), height: Math.round(box.height * scale) });
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = scale < 3;
  context.filter = "grayscale(1)";
  context.drawImage(bitmap, -box.left * scale, -box.top * scale, bitmap.width * scale, bitmap.height * scale);
  context.filter = "none";
  // Greys keep to the middle, so that both colours stand out on what was black and on what was white.
  context.fillStyle = "#808080";
  context.globalAlpha = 0.45;
  context.fillRect(0, 0, canvas.width, canvas.height);
  const most = Math.max(...grid.flat().map(Math.abs), Number.MIN_VALUE);
  const [more, less] = [colour("--heat-more"), colour("--heat-less")];
  const [width, height] = [canvas.width / grid[0].length, canvas.height / grid.length];
  grid.forEach((row, y) => row.forEach((one, x) => {
    context.globalAlpha = 0.85 * (Math.abs(one) / most) ** 0.6;
    context.fillStyle = one < 0 ? less : more;
    context.fillRect(x * width, y * height, width + 0.5, height + 0.5);
  }));
  context.globalAlpha = 1;
}

function Legend() {
  return html`<p class="signs hint"><span class="sign-more">${t("playground.for")}</span><span class="sign-less">${t("playground.against")}</span></p>`;
}

function signed(value) {
  return number(value, { digits: 3, signDisplay: "exceptZero" });
}
