// A short message that goes away by itself.

const SHOWN_MILLISECONDS = 4000;
let timer = 0;

/** Say something in passing; screen readers say it, too. */
export function toast(text) {
  const place = document.getElementById("toast");
  clearTimeout(timer);
  place.textContent = text;
  timer = setTimeout(() => (place.textContent = ""), SHOWN_MILLISECONDS);
}
