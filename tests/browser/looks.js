// Measurements of a page as a person sees it; each function returns a list of complaints, so that a test shows them all.
(() => {
  const box = (element) => element.getBoundingClientRect();
  const isShown = (element) => element.checkVisibility() && box(element).width > 0;
  const name = (element) => `${element.tagName.toLowerCase()} "${element.textContent.trim().slice(0, 40)}"`;
  const inside = (inner, outer, slack) =>
    inner.left >= outer.left - slack && inner.right <= outer.right + slack &&
    inner.top >= outer.top - slack && inner.bottom <= outer.bottom + slack;
  const overlap = (a, b) =>
    Math.min(Math.min(a.right, b.right) - Math.max(a.left, b.left), Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));

  const channels = (colour) => {
    const found = colour.match(/[\d.]+/g).map(Number);
    return found.length === 3 ? [...found, 1] : found;
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const luminance = (colour) => {
    const [r, g, b] = colour.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(channels(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());

  window.looks = {
    contrasts: (least) => [...document.querySelectorAll("body *")].filter((e) => hasText(e) && isShown(e) && e.tagName !== "title")
      .flatMap((element) => {
        const style = getComputedStyle(element);
        const below = ground(element);
        const ink = over(channels(element.ownerSVGElement ? style.fill : style.color), below);
        const [dark, light] = [luminance(ink), luminance(below)].sort((a, b) => a - b);
        const ratio = (light + 0.05) / (dark + 0.05);
        return ratio < least ? [`${name(element)} ${ratio.toFixed(2)}`] : [];
      }),
    plots: () => [...document.querySelectorAll("svg[role=img]")].flatMap((plot) => {
      const whole = box(plot);
      const texts = [...plot.querySelectorAll("text")];
      const found = whole.width > 100 && whole.height > 100 ? [] : [`the plot is ${whole.width} x ${whole.height}`];
      for (const mark of plot.querySelectorAll("circle, rect, polyline, line, text"))
        if (!inside(box(mark), whole, 0.5)) found.push(`${mark.tagName} "${mark.textContent}" leaves the plot`);
      texts.forEach((text, index) => texts.slice(index + 1).forEach((other) => {
        const common = overlap(box(text), box(other));
        if (common > 3) found.push(`"${text.textContent}" and "${other.textContent}" overlap by ${common}`);
      }));
      for (const text of texts) if (box(text).height < 10) found.push(`"${text.textContent}" is ${box(text).height} high`);
      return found;
    }),
    clipped: () => [...document.querySelectorAll("main *:not(svg *)")].filter(isShown).flatMap((element) => {
      const style = getComputedStyle(element);
      if (style.display === "inline" || ["auto", "scroll"].includes(style.overflowX)) return [];
      return element.scrollWidth > element.clientWidth + 1 && !element.closest(".scroll, pre") ? [name(element)] : [];
    }),
    tables: () => [...document.querySelectorAll("table")].flatMap((table) => {
      const found = table.caption && table.caption.textContent.trim() ? [] : ["no caption"];
      if (!table.querySelector("thead th[scope=col]")) found.push("no heads of columns");
      if ([...table.tBodies[0].rows].some((row) => row.cells[0].scope !== "row")) found.push("no heads of rows");
      return found;
    }),
  };
})();
