/**
 * Texts in the reader's language, and numbers, sizes, prices and times as that language writes them.
 *
 * A view's texts are `i18n/<language>/<view>.js`, `export default { drop: "Drop {n} files", rows: { one: "{n} row",
 * other: "{n} rows" } }`; `await texts("jobs")` loads them, `t("jobs.rows", { n: 3 })` gives one. `{n}` is written as
 * the language writes numbers, and chooses among plural forms.
 */
import { topic } from "./ui.js";

/** The languages there are, by the names that they call themselves. */
export const LANGUAGES = { en: "English", zh: "中文" };

const STORED = "ortless language";
const changes = topic();
const catalogues = {};
const wanted = new Set();
let current = preferred();

/** Tell a listener when the language has changed; returns what ends it. */
export const subscribe = changes.subscribe;

/** "en" or "zh". */
export const language = () => current;

/** Change the language; resolves when the texts of every view shown so far are there. */
export async function setLanguage(name) {
  await Promise.all([...wanted].map((view) => load(name, view)));
  current = name;
  try {
    globalThis.localStorage?.setItem(STORED, name);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  changes.publish();
}

/** Load the texts of views in the present language. */
export async function texts(...views) {
  for (const view of views) wanted.add(view);
  await Promise.all(views.map((view) => load(current, view)));
}

/** The text of a key, `<view>.<name>`, with values in its braces; a key without a text stands for itself. */
export function t(key, values = {}) {
  const dot = key.indexOf(".");
  const found = catalogues[`${current}/${key.slice(0, dot)}`]?.[key.slice(dot + 1)];
  const form = found && typeof found === "object" ? (found[plural(values.n)] ?? found.other) : found;
  return (form ?? key).replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? number(values[name]) : String(values[name] ?? "")));
}

/** A number with at most so many significant digits, a whole one to its last; "–" where there is none. */
export function number(value, { digits = Number.isInteger(value) ? 15 : 6, ...options } = {}) {
  if (typeof value !== "number" || !Number.isFinite(value)) return "–";
  return new Intl.NumberFormat(current, { maximumSignificantDigits: digits, ...options }).format(value);
}

/** A share from 0 to 1 as a percentage: 96.6 %; what is small but not nothing is never shown as 0. */
export function percent(share) {
  if (typeof share !== "number" || !Number.isFinite(share)) return "–";
  const format = (value, digits) => new Intl.NumberFormat(current, { style: "percent", maximumFractionDigits: digits }).format(value);
  if (share > 0 && share < 0.0005) return `< ${format(0.001, 1)}`;
  if (share < 1 && share > 0.9995) return `> ${format(0.999, 1)}`;
  return format(share, 1);
}

/** A size in bytes: 1.2 MB. */
export function bytes(count) {
  if (typeof count !== "number") return "–";
  const steps = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const step = count < 1000 ? 0 : Math.min(steps.length - 1, Math.floor(Math.log10(count) / 3));
  return number(count / 1000 ** step, { digits: 3, style: "unit", unit: steps[step], unitDisplay: step ? "short" : "long" });
}

/** US dollars, however few: $0.0000021. */
export function dollars(amount) {
  return number(amount, { digits: 2, style: "currency", currency: "USD", currencyDisplay: "narrowSymbol" });
}

/** A length of time given in milliseconds: 12 ms, 3.4 s, 2 min. */
export function duration(ms) {
  if (typeof ms !== "number" || !Number.isFinite(ms)) return "–";
  const [value, unit] = ms < 1000 ? [ms, "millisecond"] : ms < 120_000 ? [ms / 1000, "second"] : [ms / 60_000, "minute"];
  return number(value, { digits: value < 10 ? 2 : 3, style: "unit", unit, unitDisplay: "short" });
}

/** A point in time - ISO 8601, epoch seconds, or a Date - in the reader's time zone. */
export function when(moment, options = { dateStyle: "medium", timeStyle: "short" }) {
  const date = moment instanceof Date ? moment : new Date(typeof moment === "number" ? moment * 1000 : moment);
  return Number.isNaN(date.getTime()) ? "–" : new Intl.DateTimeFormat(current, options).format(date);
}

async function load(name, view) {
  const place = `${name}/${view}`;
  catalogues[place] ??= (await import(`./i18n/${place}.js`)).default;
}

function plural(count) {
  return typeof count === "number" ? new Intl.PluralRules(current).select(count) : "other";
}

function preferred() {
  let stored = null;
  try {
    stored = globalThis.localStorage?.getItem(STORED);
  } catch {
    // No storage, no choice of before.
  }
  const known = (tag) => Object.keys(LANGUAGES).find((name) => tag?.toLowerCase().startsWith(name));
  return known(stored) ?? (globalThis.navigator?.languages ?? []).map(known).find(Boolean) ?? "en";
}
