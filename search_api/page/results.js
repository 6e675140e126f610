// What the search came to: cards, or why there are none and what to try.

import { filterCount } from "./address.js";
import { card } from "./cards.js";
import { button, element, icon } from "./element.js";
import { inWords } from "./warnings.js";

const node = (id) => document.getElementById(id);

/** Show a state of the search: start, searching, found or failed. */
export function show(shown, say, act) {
  const results = node("results");
  results.ariaBusy = String(shown.state === "searching");
  results.classList.toggle("moment-grid", shown.wish?.group === "moment" && shown.state === "found");
  node("status").className = shown.state;
  if (shown.state === "searching") {
    node("status").textContent = say.searching;
    node("plate").hidden = true;
    return;
  }
  results.replaceChildren();
  node("notes").replaceChildren();
  node("more").replaceChildren();
  node("status").textContent = "";
  const plate = { start, found, failed }[shown.state](shown, say, act);
  node("plate").hidden = plate === null;
  node("plate").replaceChildren(...(plate ?? []));
}

/** Add the hits of a further page; returns the first new card. */
export function append(hits, say, act) {
  const made = hits.map((hit) => card(hit, say, act));
  node("results").append(...made);
  return made[0] ?? null;
}

/** Offer more, or say that this was all. */
export function offerMore(shown, say, act) {
  const { answer, page } = shown;
  if (shown.canGoOn) node("more").replaceChildren(button("strong quiet-strong", act.more, say.more));
  else node("more").replaceChildren(page > 1 ? element("span", { className: "quiet" }, say.end) : "");
  const count = shown.wish.group === "moment" ? say.foundMoments : say.found;
  const counts = answer.hits.length && shown.kind !== "video";
  node("status").textContent = counts ? count(shown.total, Math.round(answer.took_ms), shown.canGoOn) : "";
}

function start(shown, say) {
  const ways = say.startWays.map(([what, how]) => element("li", {}, element("strong", {}, what), element("span", {}, how)));
  const note = shown.note ? [element("p", { className: "note" }, shown.note)] : [];
  return [
    ...note,
    element("h2", {}, say.start),
    element("p", {}, say.startHint),
    element("ul", { className: "ways" }, ...ways),
  ];
}

function failed({ problem }, say, act) {
  return [
    element("h2", { className: "error" }, icon("warning"), say.failed),
    element("p", {}, problem.detail ?? say.offline),
    element("p", {}, button("strong", act.again, say.retry)),
  ];
}

function found(shown, say, act) {
  const { answer, wish } = shown;
  node("notes").append(...notes(answer, wish, say, act));
  if (!answer.hits.length) return nothing(shown, say, act);
  append(answer.hits, say, act);
  offerMore(shown, say, act);
  return null;
}

function notes(answer, wish, say, act) {
  const made = [];
  const understood = answer.understood ?? {};
  const said = (label, texts) =>
    element("p", { className: "understood" }, `${label} `, ...texts.map((text) => element("span", { className: "term" }, text)));
  if (understood.without?.length) made.push(said(say.leftOut, understood.without));
  if (understood.then) made.push(said("→", [understood.then.text]));
  if (understood.phrases?.length) made.push(said(say.wordForWord, understood.phrases));
  if (wish.unsure)
    made.push(element("p", { className: "understood" }, say.unsureShown, " ", button("link", () => act.change({ unsure: false }), say.close)));
  if (answer.warnings?.length)
    made.push(
      element(
        "div",
        { className: "warning" },
        icon("warning"),
        element("div", {}, element("strong", {}, say.warning), ...inWords(answer.warnings, say).map((line) => element("p", {}, line))),
      ),
    );
  return made;
}

function nothing({ answer, wish, kind }, say, act) {
  const tries = [];
  const filters = filterCount(wish);
  if (filters) tries.push(button("plain framed", act.clearFilters, say.clearFilters(filters)));
  if (kind === "text" && /["«»“”„]/.test(wish.q))
    tries.push(button("plain framed", () => act.change({ q: wish.q.replace(/["«»“”„]/g, " ").replace(/\s+/g, " ").trim() }), say.withoutQuotes));
  if (!wish.unsure) tries.push(button("plain framed", () => act.change({ unsure: true }), say.showUnsure));
  return [
    element("h2", {}, kind === "text" ? say.nothing(answer.query ?? wish.q) : say.nothingLike),
    element("p", { className: "quiet" }, say.nothingWhy),
    element("ul", { className: "hints" }, ...Object.values(say.nothingTry).map((hint) => element("li", {}, hint))),
    element("p", { className: "tries" }, ...tries),
  ];
}
