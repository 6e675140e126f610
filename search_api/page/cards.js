// One card per video. Transcripts and titles are hostile text: they only ever become text nodes.

/** Make an element with properties and children; strings become text nodes. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Whole seconds as m:ss, or h:mm:ss. */
export function clock(whole) {
  const parts = [Math.floor(whole / 60) % 60, whole % 60];
  const hours = Math.floor(whole / 3600);
  if (hours) parts.unshift(hours);
  return parts.map((part, place) => (place ? String(part).padStart(2, "0") : String(part))).join(":");
}

/** A card for a hit of the API's answer. */
export function card(hit, say) {
  const name = hit.title || hit.key;
  return element(
    "li",
    { className: "card" },
    element("h2", {}, name),
    element("p", { className: "place" }, ...placeOf(hit)),
    hit.moments.length ? moments(hit, say) : element("p", { className: "quiet" }, say.ofTitle),
    why(hit, say),
  );
}

function placeOf(hit) {
  const place = [element("span", {}, `${hit.bucket}/${hit.key}`)];
  if (hit.duration_seconds !== null) place.push(element("span", {}, clock(Math.round(hit.duration_seconds))));
  if (hit.external_id) place.push(element("span", {}, hit.external_id));
  return place;
}

function moments(hit, say) {
  return element("ul", { className: "moments" }, ...hit.moments.map((moment) => momentLine(moment, say)));
}

function momentLine(moment, say) {
  const times = `${clock(Math.floor(moment.start_seconds))}–${clock(Math.ceil(moment.stop_seconds))}`;
  const speech = moment.speech
    ? element("q", { className: "speech" }, ...speechOf(moment))
    : element("span", { className: "quiet" }, say.noSpeech);
  return element("li", {}, element("span", { className: "time" }, times), speech);
}

function speechOf(moment) {
  if (!moment.highlight) return [moment.speech];
  return moment.highlight.map((piece) => (piece.match ? element("mark", {}, piece.text) : piece.text));
}

function why(hit, say) {
  const legs = Object.entries(hit.legs).sort(([, one], [, other]) => other.share - one.share);
  const bar = element("div", { className: "bar", ariaHidden: "true" });
  for (const [leg, { share }] of legs) {
    const part = element("span", { className: `leg ${leg}` });
    part.style.flexGrow = String((100 * share) / hit.score);
    bar.append(part);
  }
  const rows = legs.map(([leg, { rank, share }]) =>
    element(
      "li",
      {},
      element("span", { className: `dot leg ${leg}` }),
      `${say.leg[leg] ?? leg}: ${Math.round((100 * share) / hit.score)} % · ${say.rank} ${rank}`,
    ),
  );
  return element(
    "details",
    { className: "why" },
    element("summary", {}, say.why, bar),
    element("ul", {}, ...rows, element("li", { className: "quiet" }, `${say.score} ${hit.score.toPrecision(3)}`)),
  );
}
