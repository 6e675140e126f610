// Why a hit is there: each leg's rank, raw score, share and confidence, and the words that matched, with their times.

import { button, clock, element } from "./element.js";

/** The surest of the legs that know how sure they are; null if none does. */
export function confidenceOf(legs) {
  const known = Object.values(legs ?? {}).map((leg) => leg.confidence).filter((value) => typeof value === "number");
  return known.length ? Math.max(...known) : null;
}

/** The legs of a moment, and what its video's title adds. */
export function legsOf(hit, moment) {
  const legs = { ...(moment?.legs ?? hit.legs) };
  if (moment && hit.legs?.metadata_text && !legs.metadata_text) legs.metadata_text = hit.legs.metadata_text;
  return Object.entries(legs).sort(([, one], [, other]) => other.share - one.share);
}

/** A bar of the legs' shares, for the eye only. */
export function shareBar(legs) {
  const bar = element("span", { className: "bar", ariaHidden: "true" });
  for (const [leg, { share }] of legs) {
    const part = element("span", { className: `leg ${cssName(leg)}` });
    part.style.flexGrow = String(1000 * share);
    bar.append(part);
  }
  return bar;
}

/** The explanation of a moment, or of a video that was found by its title alone. */
export function explanation(hit, moment, say, playFrom) {
  const legs = legsOf(hit, moment);
  const total = legs.reduce((sum, [, leg]) => sum + leg.share, 0);
  const panel = element("div", { className: "why" });
  if (legs.length) panel.append(element("p", { className: "mostly" }, say.mostly(say.leg[legs[0][0]] ?? legs[0][0])));
  panel.append(element("div", { className: "scroll" }, legTable(legs, total, say)));
  panel.append(terms(hit, moment, say, playFrom));
  panel.append(element("p", { className: "quiet total" }, `${say.score}: ${total.toLocaleString(say.code, { maximumSignificantDigits: 3 })}`));
  return panel;
}

function legTable(legs, total, say) {
  const head = [say.whyLeg, say.whyRank, say.whyScore, say.whyShare, say.whyConfidence];
  const rows = legs.map(([leg, given]) => {
    const share = total ? given.share / total : 0;
    const fill = element("span", { className: `leg ${cssName(leg)}` });
    fill.style.width = `${Math.round(share * 100)}%`;
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, element("span", { className: `dot leg ${cssName(leg)}` }), say.leg[leg] ?? leg),
      element("td", {}, String(given.rank)),
      element("td", {}, given.score.toLocaleString(say.code, { maximumSignificantDigits: 4 })),
      element(
        "td",
        { className: "share" },
        element("span", { className: "meter", ariaHidden: "true" }, fill),
        share.toLocaleString(say.code, { style: "percent" }),
      ),
      element("td", {}, typeof given.confidence === "number" ? say.percent(given.confidence) : "–"),
    );
  });
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...head.map((name) => element("th", { scope: "col" }, name)))),
    element("tbody", {}, ...rows),
  );
}

/** The matched words: those that are said play from their second; where that is not exactly known, it has a ≈. */
function terms(hit, moment, say, playFrom) {
  const names = [...(moment?.terms ?? []), ...(hit.terms ?? [])].map((term) => {
    if (typeof term.start_seconds !== "number")
      return element("span", { className: "term" }, term.text, element("span", {}, say.termField[term.field] ?? term.field));
    const time = `${term.precision === "word" ? "" : "≈ "}${clock(term.start_seconds)}`;
    return button("term", () => playFrom(term.start_seconds), term.text, element("span", {}, time));
  });
  return element("p", { className: "terms" }, ...(names.length ? [`${say.terms} `, ...names] : [say.noTerms]));
}

const cssName = (leg) => leg.replace(/[^a-z_]/g, "");
