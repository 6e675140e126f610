// Why a hit is there: each leg's rank, raw score, share and confidence, and the words that matched, with their times.

import { transcript } from "./api.js";
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
  if (moment) panel.append(terms(hit, moment, say, playFrom));
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

function terms(hit, moment, say, playFrom) {
  const line = element("p", { className: "terms" });
  const show = (found) => {
    const names = found.map((term) =>
      typeof term.start_seconds === "number"
        ? button("term", () => playFrom(term.start_seconds), term.text, element("span", {}, clock(term.start_seconds)))
        : element("span", { className: "term" }, term.text),
    );
    line.replaceChildren(...(names.length ? [`${say.terms} `, ...names] : [say.noTerms]));
  };
  const given = moment.terms ?? moment.matched_terms;
  if (given) show(given);
  else {
    const marked = (moment.highlight ?? []).filter((piece) => piece.match).map((piece) => piece.text);
    show(marked.map((text) => ({ text })));
    if (marked.length) timesOf(hit, moment, marked).then(show, () => {});
  }
  return line;
}

/** Look up when the marked words are said: the answer may not say it, the transcript does. */
async function timesOf(hit, moment, marked) {
  const cues = (await transcript(hit.video_id)).cues;
  const within = (word) => word.start_seconds >= moment.start_seconds - 0.5 && word.start_seconds < moment.stop_seconds;
  const words = cues.flatMap((cue) => cue.words).filter(within);
  const plain = (text) => text.toLocaleLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
  return marked.map((text) => {
    const first = plain(text.split(/\s+/)[0]);
    const place = words.findIndex((word) => plain(word.text) === first);
    return place < 0 ? { text } : { text, start_seconds: words.splice(place, 1)[0].start_seconds };
  });
}

const cssName = (leg) => leg.replace(/[^a-z_]/g, "");
