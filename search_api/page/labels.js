// What the page says: `say` is chosen by the browser's language, or by the reader.

import { english } from "./labels_en.js";
import { russian } from "./labels_ru.js";

export const labels = { en: english, ru: russian };
const REMEMBERED = "kadr.language";

/** The language to begin with. */
export function firstLanguage() {
  let remembered = null;
  try {
    remembered = localStorage.getItem(REMEMBERED);
  } catch {
    // Storage may be forbidden; then the browser's language decides.
  }
  if (labels[remembered]) return remembered;
  const wanted = (navigator.languages ?? [navigator.language]).map((tag) => tag.slice(0, 2));
  return wanted.find((language) => labels[language]) ?? "en";
}

/** Keep a choice for the next visit. */
export function rememberLanguage(chosen) {
  try {
    localStorage.setItem(REMEMBERED, chosen);
  } catch {
    // See above.
  }
}

/** Put the labels of a language into the parts of the page that are always there. */
export function labelPage(language) {
  const say = labels[language];
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-label]")) node.textContent = say[node.dataset.label];
  for (const node of document.querySelectorAll("[data-label-aria]")) node.ariaLabel = say[node.dataset.labelAria];
  for (const node of document.querySelectorAll("[data-label-title]")) node.title = say[node.dataset.labelTitle];
  for (const node of document.querySelectorAll("[data-label-placeholder]"))
    node.placeholder = say[node.dataset.labelPlaceholder];
  for (const node of document.querySelectorAll("[data-language]"))
    node.ariaPressed = String(node.dataset.language === language);
}
