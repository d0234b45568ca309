/** Pictures of instances: read from files and pixels, drawn on canvases, and the part of them that a model sees. */

const MAGIC = [
  ["PNG", /^iVBORw0KGgo/],
  ["JPEG", /^\/9j\//],
  ["WebP", /^UklGR.{6,8}XRUJQ|^UklGR/],
];
/** Pixels of the longer side at which ink is looked for; as the service does. */
const SEARCH = 512;
const FAINTEST = 0.5;
const CONTRAST = 16;

/** What an instance holds: `{b64}`, `{pixels}` (lists of levels), or null. */
export function contentOf(instance) {
  const held = instance && !Array.isArray(instance) && "image" in instance ? instance.image : instance;
  if (Array.isArray(held)) return { pixels: held };
  return typeof held?.b64 === "string" ? { b64: held.b64 } : null;
}

/** An instance of a file's bytes, as they are. */
export async function instanceOf(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (let start = 0; start < bytes.length; start += 0x8000) text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return { image: { b64: btoa(text) } };
}

/** A picture to draw, upright, with its `width` and `height`. Throws where this browser cannot read it. */
export async function bitmapOf(content) {
  if (content.pixels) return bitmapOfPixels(content.pixels);
  const bytes = Uint8Array.from(atob(content.b64), (character) => character.charCodeAt(0));
  return createImageBitmap(new Blob([bytes]));
}

/** `{format, bytes}` of base64. */
export function factsOf(b64) {
  const padding = b64.endsWith("==") ? 2 : b64.endsWith("=") ? 1 : 0;
  return { format: MAGIC.find(([, start]) => start.test(b64))?.[0] ?? "", bytes: (b64.length / 4) * 3 - padding };
}

/**
 * The part of a picture that becomes the model's input, `{left, top, width, height}` in its pixels; it may reach beyond.
 * @param {{width: number, height: number}} bitmap
 */
export function seen(declared, bitmap, content) {
  const whole = { left: 0, top: 0, width: bitmap.width, height: bitmap.height };
  if (content.pixels) return whole;
  const inked = declared.trim ? inkOf(declared, bitmap) : whole;
  const [height, width] = declared.size ?? [1, 1];
  if (declared.resize !== "cover" && declared.resize !== "contain") return inked;
  const ratios = [inked.width / width, inked.height / height];
  const scale = declared.resize === "cover" ? Math.min(...ratios) * (declared.crop ?? 1) : Math.max(...ratios);
  return centred(inked, width * scale, height * scale);
}

/** The box of what is drawn, of grey levels in rows: `{left, top, width, height}`, or null on an empty page. */
export function inkBox(levels, width, height) {
  const border = [];
  for (let x = 0; x < width; x += 1) border.push(levels[x], levels[(height - 1) * width + x]);
  for (let y = 0; y < height; y += 1) border.push(levels[y * width], levels[y * width + width - 1]);
  border.sort((one, other) => one - other);
  let paper = border[border.length >> 1];
  let [least, most] = [Infinity, -Infinity];
  for (const level of levels) [least, most] = [Math.min(least, level), Math.max(most, level)];
  const sign = paper - least > most - paper ? -1 : 1;
  const strongest = sign > 0 ? most - paper : paper - least;
  if (strongest < CONTRAST) return null;
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (sign * (levels[y * width + x] - paper) > FAINTEST * strongest) {
        [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
      }
    }
  }
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}

function inkOf(declared, bitmap) {
  const factor = Math.ceil(Math.max(bitmap.width, bitmap.height) / SEARCH);
  const [width, height] = [Math.max(1, Math.floor(bitmap.width / factor)), Math.max(1, Math.floor(bitmap.height / factor))];
  const context = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const levels = Float32Array.from({ length: width * height }, (_, index) => 0.299 * data[4 * index] + 0.587 * data[4 * index + 1] + 0.114 * data[4 * index + 2]);
  const box = inkBox(levels, width, height);
  if (!box) return { left: 0, top: 0, width: bitmap.width, height: bitmap.height };
  const scaled = Object.fromEntries(Object.entries(box).map(([side, value]) => [side, value * factor]));
  const side = Math.max(scaled.width, scaled.height) * (1 + 2 * (declared.margin ?? 0.1));
  return centred(scaled, side, side);
}

function centred({ left, top, width, height }, wide, high) {
  return { left: left + (width - wide) / 2, top: top + (height - high) / 2, width: wide, height: high };
}

function bitmapOfPixels(pixels) {
  const [height, width] = [pixels.length, pixels[0]?.length ?? 0];
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const image = new ImageData(width, height);
  pixels.forEach((row, y) => row.forEach((level, x) => {
    const [red, green, blue] = Array.isArray(level) ? level : [level, level, level];
    image.data.set([red, green, blue, 255], 4 * (y * width + x));
  }));
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

/** Draw a picture into all of a canvas, whole and centred; small ones keep their pixels. */
export function paint(canvas, bitmap, ground) {
  const context = canvas.getContext("2d");
  context.fillStyle = ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  const scale = Math.min(canvas.width / bitmap.width, canvas.height / bitmap.height);
  context.imageSmoothingEnabled = scale < 3;
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  context.drawImage(bitmap, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
}
