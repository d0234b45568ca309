// The bounds of a plot's quality: what was refused may be far off, and would squeeze all others into a line.

import { bounds } from "./axes.js";

const FENCE = 1.5;

/** Bounds by the points that pass, with room for refused ones that are near. */
export function fenced(points) {
  const sound = points.filter((point) => point.kind !== "fails").map((point) => point.y);
  const all = points.map((point) => point.y);
  if (sound.length === 0) return bounds(all);
  const low = Math.min(...sound);
  const high = Math.max(...sound);
  const spread = Math.max(high - low, (Math.max(...all) - Math.min(...all)) * 0.1);
  return bounds(all.filter((y) => y >= low - FENCE * spread && y <= high + FENCE * spread));
}

/** A value, moved to the nearer bound where it lies beyond. */
export function clipped({ low, high }, value) {
  return Math.min(high, Math.max(low, value));
}
