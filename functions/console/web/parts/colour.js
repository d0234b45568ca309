/** Colours of the present theme, for what is drawn on a canvas. */

/** The colour that a custom property stands for now, as `rgb(...)`. */
export function colour(property) {
  const probe = document.createElement("span");
  probe.style.setProperty("color", `var(${property})`);
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
