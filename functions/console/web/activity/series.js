// Series of several models and versions made into what a chart draws: few lines, and the rest as one.

/** Lines of one chart: more colours than this nobody tells apart. */
const MOST = 3;
export const COUNTED = ["requests", "errors", "cold_starts", "cache_hits"];

/** Sum of what is there; null where nothing is. */
export function sum(values) {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length ? known.reduce((total, value) => total + value, 0) : null;
}

/** What all of them came to in a window: {requests, errors, cold_starts, cache_hits}. */
export function totals(models) {
  return Object.fromEntries(COUNTED.map((name) => [name, sum(models.flatMap((each) => each.series[name] ?? []))  ?? 0]));
}

/** One series of all models, by time. */
export function together(models, name, length) {
  return Array.from({ length }, (_, index) => sum(models.map((each) => each.series[name]?.[index])));
}

/** The busiest models, and the others as a list. */
export function busiest(models) {
  const weight = (each) => sum(each.series.requests ?? []) ?? 0;
  const sorted = [...models].sort((one, other) => weight(other) - weight(one));
  return sorted.length <= MOST + 1 ? { shown: sorted, rest: [] } : { shown: sorted.slice(0, MOST), rest: sorted.slice(MOST) };
}

/** The largest value that is there; null where none is. */
export function peak(values) {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length ? Math.max(...known) : null;
}

/** What a line is called: model@version. */
export function titled({ model, version }) {
  return version === null || version === undefined || version === "" ? model : `${model}@${version}`;
}

/** Whether anything was asked in the window. */
export function isIdle(models) {
  return totals(models).requests === 0;
}
