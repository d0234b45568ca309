// Axes of a plane of numbers: round ticks, and places between two ends.

const TICKS = 5;
const ROOM = 0.08;

/** About five round numbers within bounds. */
export function ticks(low, high) {
  const rough = (high - low) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => power * factor).find((each) => each >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** Bounds with room for all values. */
export function bounds(values, fromZero = false) {
  const high = Math.max(...values);
  const low = fromZero ? 0 : Math.min(...values);
  const room = (high - low) * ROOM || Math.abs(high) * 0.1 || 1;
  return { low: fromZero ? 0 : low - room, high: high + room };
}

/** Where a value lies between two ends. */
export function place({ low, high }, value, start, end) {
  return start + ((value - low) / (high - low)) * (end - start);
}
