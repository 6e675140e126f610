// The search page: the address holds the query, the API the answer.

import { card, element } from "./cards.js";
import { labels } from "./labels.js";

const form = document.querySelector("#search");
const input = document.querySelector("#q");
const status = document.querySelector("#status");
const warnings = document.querySelector("#warnings");
const results = document.querySelector("#results");

let language = rememberedLanguage();
let shown = { state: "start" };
let running = null;

function rememberedLanguage() {
  let remembered = null;
  try {
    remembered = localStorage.getItem("kadr.language");
  } catch {
    // Storage may be forbidden; then the browser's language decides.
  }
  return labels[remembered] ? remembered : navigator.language.startsWith("ru") ? "ru" : "en";
}

function rememberLanguage(chosen) {
  try {
    localStorage.setItem("kadr.language", chosen);
  } catch {
    // See above.
  }
}

function speak(chosen) {
  language = chosen;
  const say = labels[language];
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-label]")) node.textContent = say[node.dataset.label];
  for (const node of document.querySelectorAll("[data-label-aria]")) node.ariaLabel = say[node.dataset.labelAria];
  for (const node of document.querySelectorAll("[data-label-placeholder]"))
    node.placeholder = say[node.dataset.labelPlaceholder];
  for (const button of document.querySelectorAll("[data-language]"))
    button.ariaPressed = String(button.dataset.language === language);
  show(shown);
}

function show(next) {
  shown = next;
  const say = labels[language];
  results.ariaBusy = String(next.state === "searching");
  results.replaceChildren();
  warnings.replaceChildren();
  status.className = next.state;
  if (next.state === "found") return showAnswer(next.answer, say);
  if (next.state === "failed") return showFailure(next, say);
  status.textContent = say[next.state];
}

function showAnswer(answer, say) {
  warnings.append(...answer.warnings.map((warning) => element("p", { className: "warning" }, warning)));
  if (!answer.hits.length) {
    status.replaceChildren(element("strong", {}, say.nothing(answer.query)), element("br"), say.nothingHint);
    return;
  }
  status.textContent = say.found(answer.hits.length, Math.round(answer.took_ms));
  results.append(...answer.hits.map((hit) => card(hit, say)));
}

function showFailure({ detail }, say) {
  const again = element("button", { type: "button" }, say.retry);
  again.addEventListener("click", () => search(input.value));
  status.replaceChildren(element("strong", {}, say.failed), " ", detail ?? say.offline, " ", again);
}

async function search(text) {
  const query = text.trim();
  running?.abort();
  document.title = query ? `${query} · kadr` : "kadr";
  if (!query) return show({ state: "start" });
  running = new AbortController();
  const { signal } = running;
  show({ state: "searching" });
  try {
    const response = await fetch(`/search?${new URLSearchParams({ q: query, limit: "20" })}`, { signal });
    const answer = await response.json();
    if (signal.aborted) return;
    show(response.ok ? { state: "found", answer } : { state: "failed", detail: answer.detail });
  } catch (error) {
    if (!signal.aborted) show({ state: "failed" });
  }
}

function followAddress() {
  input.value = new URLSearchParams(location.search).get("q") ?? "";
  search(input.value);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const query = input.value.trim();
  const address = query ? `?${new URLSearchParams({ q: query })}` : location.pathname;
  if (address !== location.search) history.pushState(null, "", address);
  search(query);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target === input) return;
  event.preventDefault();
  input.focus();
  input.select();
});
for (const button of document.querySelectorAll("[data-language]"))
  button.addEventListener("click", () => {
    rememberLanguage(button.dataset.language);
    speak(button.dataset.language);
  });
addEventListener("popstate", followAddress);

speak(language);
followAddress();
