/** Line icons of 20 x 20, drawn with the colour of their text. */
import { html } from "../ui.js";

const PATHS = {
  playground: "M3 5.5h14M3 10h9M3 14.5h6M15.5 11.5v6M12.5 14.5h6",
  jobs: "M4 3.5h8l4 4v9a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1zM12 3.5v4h4M7 11h6M7 14h4",
  models: "M10 2.5l7 3.75-7 3.75-7-3.75zM3 10l7 3.75L17 10M3 13.75l7 3.75 7-3.75",
  activity: "M2.5 11h3l2.5-7 4 12 2.5-7 1 2h2",
  key: "M12.5 3a4.5 4.5 0 1 1-4.2 6.1L3 14.5V17h2.5v-2H7.5v-2h1.6l1.2-1.2M13.5 6.5h.01",
  language: "M2.5 10a7.5 7.5 0 1 0 15 0a7.5 7.5 0 1 0-15 0M2.5 10h15M10 2.5c5 4.5 5 10.5 0 15c-5-4.5-5-10.5 0-15",
  light: "M10 6.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7M10 1.500v2M10 16.500v2M1.5 10h2M16.5 10h2M4 4l1.4 1.400M14.6 14.600L16 16M4 16l1.4-1.400M14.6 5.400L16 4",
  dark: "M16.5 12A7 7 0 0 1 8 3.500a7 7 0 1 0 8.5 8.500z",
  system: "M3 4.500h14v9H3zM7.5 17h5M10 13.500V17",
  close: "M5 5l10 10M15 5L5 15",
  copy: "M7 7V3.500h9.500V13H13M3.5 7H13v9.500H3.500z",
  check: "M4 10.500l4 4 8-9",
  search: "M9 3.500a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M13 13l4 4",
  next: "M7.5 4l6 6-6 6",
  back: "M12.5 4l-6 6 6 6",
  plus: "M10 4v12M4 10h12",
  minus: "M4 10h12",
  alert: "M10 3l7.5 13.500h-15zM10 8v4M10 14.300h.01",
  upload: "M10 13V3.500M6 7l4-4 4 4M3.5 13v3.500h13V13",
  download: "M10 3.500V13M6 9.500l4 4 4-4M3.5 13v3.500h13V13",
  image: "M3 4h14v12H3zM3 13.500l4-4 4 4 2.5-2.5 3.5 3.500M13.5 7.500h.01",
  text: "M3.5 5V3.500h13V5M10 3.500v13M7.5 16.500h5",
  table: "M3 4h14v12H3zM3 8h14M3 12h14M8 4v12",
  sequence: "M2.5 10h3M8.5 10h3M14.5 10h3M5.5 7.500v5M11.5 7.500v5M17.5 7.500v5",
  tensor: "M3.5 3.500h13v13h-13zM3.5 8h13M3.5 12.300h13M8 3.500v13M12.3 3.500v13",
  chat: "M3 4h14v9.500H9.500L6 17v-3.500H3z",
  list: "M7 5h10M7 10h10M7 15h10M3.5 5h.01M3.5 10h.01M3.5 15h.01",
  clock: "M10 2.500a7.5 7.5 0 1 0 0 15a7.5 7.5 0 1 0 0-15M10 6v4l3 2",
  retry: "M16 10a6 6 0 1 1-2-4.500M16.5 2.500V6H13",
  eraser: "M8 16.500l-4.5-4.5 8-8 5 5-7.5 7.500zM7.5 8l5 5M8 16.500h9",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
};

/** `name` is one of the drawings above; an icon is decoration: what holds it has the words. */
export function Icon({ name, size = 18 }) {
  return html`<svg class="icon" viewBox="0 0 20 20" width=${size} height=${size} aria-hidden="true" focusable="false">
    <path d=${PATHS[name] ?? PATHS.more} />
  </svg>`;
}
