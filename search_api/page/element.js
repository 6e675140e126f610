// How nodes are made. Titles and transcripts are hostile text: they only ever become text nodes.

/** Make an element with properties, `data` attributes and children; strings become text nodes, null nothing. */
export function element(name, { data, ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  Object.assign(made.dataset, data);
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** A button with an action; it never submits a form. */
export function button(className, act, ...children) {
  const made = element("button", { type: "button", className }, ...children);
  made.addEventListener("click", act);
  return made;
}

const PATHS = {
  play: "M8 5.5v13l10.5-6.5z",
  search: "M10.5 4a6.5 6.5 0 1 0 4 11.6l4.7 4.7 1.4-1.4-4.7-4.7A6.5 6.5 0 0 0 10.5 4zm0 2a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9z",
  close: "M6.4 5 5 6.4l5.6 5.6L5 17.6 6.4 19l5.6-5.6 5.6 5.6 1.4-1.4-5.6-5.6L19 6.4 17.6 5 12 10.6z",
  picture: "M5 4a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h14a2 2 0 0 0 2-2V6a2 2 0 0 0-2-2zm0 2h14v8.2l-4-4-4.6 4.6L8 12.4l-3 3zm3.2 1.4a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6z",
  upload: "M12 3.6 6.6 9 8 10.4l3-3V16h2V7.4l3 3L17.4 9zM5 15v3.5A1.5 1.5 0 0 0 6.5 20h11a1.5 1.5 0 0 0 1.5-1.5V15h-2v3H7v-3z",
  down: "M6.4 9 5 10.4l7 7 7-7L17.6 9 12 14.6z",
  link: "M10.6 13.4a4 4 0 0 1 0-5.7l2.8-2.8a4 4 0 0 1 5.7 5.7l-1.6 1.6-1.4-1.4 1.6-1.6a2 2 0 0 0-2.9-2.9L12 9.1a2 2 0 0 0 0 2.9zm2.8-2.8a4 4 0 0 1 0 5.7l-2.8 2.8a4 4 0 0 1-5.7-5.7l1.6-1.6 1.4 1.4-1.6 1.6a2 2 0 0 0 2.9 2.9l2.8-2.8a2 2 0 0 0 0-2.9z",
  similar: "M4 4h10v2H6v8H4zm4 4h12v12H8zm2 2v8h8v-8z",
  film: "M4 5h16v14H4zm2 2v2h2V7zm10 0v2h2V7zM6 11v2h2v-2zm10 0v2h2v-2zM6 15v2h2v-2zm10 0v2h2v-2z",
  sound: "M11 4v16h2V4zM7 8v8h2V8zm8 0v8h2V8zM3 10.5v3h2v-3zm16 0v3h2v-3z",
  warning: "M12 3 1.8 20.5h20.4zm-1 6.5h2v5h-2zm0 6.5h2v2h-2z",
};

/** An icon; it says nothing to screen readers. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Seconds as m:ss, or h:mm:ss; a part of a second is left out. */
export function clock(seconds) {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 60) % 60, whole % 60];
  const hours = Math.floor(whole / 3600);
  if (hours) parts.unshift(hours);
  return parts.map((part, place) => (place ? String(part).padStart(2, "0") : String(part))).join(":");
}
