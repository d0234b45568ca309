/** What a model's declared processing says of its instances: which form they need, how one begins, what an example is. */

const SMALL = 128;
/** Parts of a range that a slider's step is of. */
const NOTCHES = 200;
/** Elements of each dimension that a row begins with at most. */
const WIDEST = 256;

/** Which form a model needs: features | picture | words | conversation | steps | items | row | tensors. */
export function formOf(model) {
  const { kind, vocabulary } = model.preprocess ?? {};
  if (kind === "tabular") return "features";
  if (kind === "image") return "picture";
  if (kind === "text") return model.postprocess?.kind === "nearest" ? "conversation" : "words";
  if (kind === "sequence") return vocabulary === undefined ? "steps" : "items";
  return hasMeaning(model) ? "row" : "tensors";
}

/** Whether `:explain` can say something of the model's answers. */
export function isExplained(model) {
  return hasMeaning(model) && model.postprocess.kind !== "embedding";
}

/** Whether answers are more than rows of the output as they are. */
function hasMeaning(model) {
  return Boolean(model.postprocess?.kind) && model.postprocess.kind !== "rows";
}

/** Whether a picture may as well be drawn: small, and of greys. */
export function isDrawn(declared) {
  return declared.mode === "L" && Math.max(...(declared.size ?? [SMALL + 1])) <= SMALL;
}

/** What an instance's list of steps or items is called. */
export const fieldOf = (declared) => declared.field ?? "sequence";

/** An instance to begin with, where there is no example: everyday values, or nothing yet. */
export function blank(model, signature) {
  const declared = model.preprocess ?? {};
  const made = {
    features: () => Object.fromEntries(declared.features.map((feature) => [feature.name, everyday(feature)]).filter(([, value]) => value !== null)),
    picture: () => null,
    words: () => (declared.pair ? { text: "", pair: "" } : { text: "" }),
    conversation: () => ({ text: "" }),
    steps: () => ({ [fieldOf(declared)]: [Object.fromEntries(declared.features.map((feature) => [feature.name, everyday(feature)]))] }),
    items: () => ({ [fieldOf(declared)]: [] }),
    row: () => rowOf(signature?.inputs ?? []),
    tensors: () => ({ inputs: (signature?.inputs ?? []).map(zeros) }),
  };
  return made[formOf(model)]();
}

/** The instances of golden requests, each as its form has it: `[{name, instance}]`. */
export function examplesOf(model, examples) {
  if (formOf(model) === "tensors") return [];
  return examples.flatMap(({ name, request }) => {
    const instances = Array.isArray(request?.instances) ? request.instances : [];
    return instances.map((instance, index) => ({
      name: instances.length > 1 ? `${name} ${index + 1}` : name,
      instance: shaped(model, instance),
    }));
  });
}

/** An instance in the one form that the page edits: objects of names instead of lists and bare values. */
export function shaped(model, instance) {
  const declared = model.preprocess;
  const form = formOf(model);
  if (form === "features") return named(declared.features, instance);
  if (form === "words" || form === "conversation") return typeof instance === "string" ? { text: instance } : instance;
  if (form !== "steps" && form !== "items") return instance;
  const field = fieldOf(declared);
  const steps = Array.isArray(instance) ? instance : (instance?.[field] ?? []);
  return { [field]: form === "steps" ? steps.map((step) => named(declared.features, step)) : steps };
}

/**
 * What a feature's slider spans: `{low, high, step}`, or null without any bounds. A declared range says what is possible,
 * often far more than what is usual: where there are values to go by, the slider spans those, with room on both sides.
 */
export function span(feature, seen = []) {
  // JSON has no infinity: a side that is open comes as null.
  const [least, most] = [feature.range?.[0] ?? -Infinity, feature.range?.[1] ?? Infinity];
  const known = [...seen, feature.typical].filter((value) => typeof value === "number" && Number.isFinite(value));
  let [low, high] = [least, most];
  if (known.length) {
    const [first, last] = [Math.min(...known), Math.max(...known)];
    const room = Math.max(last - first, Math.abs(feature.typical ?? last) || 1);
    low = Math.max(least, first - room);
    high = Math.min(most, last + room);
    if (least === 0 && low < room) low = 0;
  }
  if (!Number.isFinite(low) || !Number.isFinite(high) || low >= high) return null;
  const step = nice((high - low) / NOTCHES);
  const rounded = { low: Math.max(least, Math.floor(low / step) * step), high: Math.min(most, Math.ceil(high / step) * step) };
  return { low: tidy(rounded.low), high: tidy(rounded.high), step };
}

/** A number as it was meant, without what binary fractions add: 0.30000000000000004 -> 0.3. */
export const tidy = (value) => Number(value.toPrecision(12));

function everyday(feature) {
  if (feature.type === "category") return feature.categories?.[0] ?? null;
  if (typeof feature.typical === "number") return feature.typical;
  if (!feature.range || !feature.range.every(Number.isFinite)) return 0;
  const { step } = span(feature);
  return tidy(Math.round((feature.range[0] + feature.range[1]) / 2 / step) * step);
}

function named(features, values) {
  if (!Array.isArray(values)) return values ?? {};
  return Object.fromEntries(features.map((feature, index) => [feature.name, values[index]]).filter(([, value]) => value !== undefined));
}

function zeros({ name, datatype, shape }) {
  const known = shape.map((extent) => (extent < 0 ? 1 : extent));
  const count = known.reduce((product, extent) => product * extent, 1);
  const zero = datatype === "BYTES" ? "" : datatype === "BOOL" ? false : 0;
  return { name, datatype, shape: known, data: Array(Math.min(count, 100_000)).fill(zero) };
}

/** A row of the only input, or of each by its name. */
function rowOf(inputs) {
  const row = ({ datatype, shape: [, ...extents] }) => {
    const zero = datatype === "BYTES" ? "" : datatype === "BOOL" ? false : 0;
    return extents.reduceRight((inner, extent) => Array(Math.min(Math.abs(extent), WIDEST)).fill(inner), zero);
  };
  return inputs.length === 1 ? row(inputs[0]) : Object.fromEntries(inputs.map((input) => [input.name, row(input)]));
}

/** The power of ten, or two or five of it, that is next to a number. */
function nice(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((one) => one * power >= value * 0.999) ?? 10;
  return tidy(factor * power);
}
