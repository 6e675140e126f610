// A card per video: its moments as pictures on a timeline, and what is said in them.

import { thumbnailAddress, videoMoments } from "./api.js";
import { button, clock, element, icon } from "./element.js";
import { play } from "./player.js";
import { confidenceOf, explanation, legsOf, shareBar } from "./why.js";

/**
 * A card for a hit of the API's answer.
 *
 * @param {object} hit
 * @param {object} say labels
 * @param {{onlyVideo: Function, similar: Function, moved: Function, copy: Function, grouped: boolean}} act
 */
export function card(hit, say, act) {
  const name = hit.title || hit.key.split("/").at(-1);
  const made = element("li", { className: "card", data: { video: hit.video_id } });
  const view = { hit, say, act, name, card: made, stills: new Map(), rows: new Map() };
  // A moment that must follow another is a row and a picture of its own.
  view.moments = hit.moments.flatMap((moment) => (moment.then ? [moment, { ...moment.then, follows: true }] : [moment]));
  view.stagePlace = element("div", { className: "stage-place" });
  view.timeline = hit.moments.length ? timeline(view) : null;
  const place = view.timeline?.node ?? element("div");
  made.append(
    header(view),
    view.stagePlace,
    place,
    element("ol", { className: "moments" }, ...rows(view)),
  );
  if (!view.timeline) illustrate(view, place);
  made.playFrom = (seconds, opener) => playFrom(view, seconds, opener);
  return made;
}

function header({ hit, say, act, name }) {
  const title = element("h2", {}, name);
  const place = [`${hit.bucket}/${hit.key}`];
  const facts = [];
  if (hit.duration_seconds !== null && hit.duration_seconds !== undefined) facts.push(clock(hit.duration_seconds));
  if (hit.published_at) facts.push(new Date(hit.published_at).toLocaleDateString(say.code, { dateStyle: "medium" }));
  if (hit.external_id) facts.push(hit.external_id);
  if (hit.copies?.length) facts.push(say.copies(hit.copies.length));
  return element(
    "div",
    { className: "card-head" },
    element(
      "div",
      { className: "names" },
      title,
      element(
        "p",
        { className: "place" },
        ...facts.map((fact) => element("span", {}, fact)),
        element("span", { className: "key" }, ...place),
      ),
    ),
    onlyButton(hit, say, act),
  );
}

function onlyButton(hit, say, act) {
  const made = button("plain only", () => act.onlyVideo(hit), icon("film"), element("span", {}, say.onlyThis));
  made.title = made.ariaLabel = say.onlyThis;
  return made;
}

/** A video that was found by its title has no moments of its own in the answer: any of its pictures will do. */
async function illustrate(view, place) {
  try {
    const { moments } = await videoMoments(view.hit.video_id, 3);
    if (!moments.length) return;
    view.timeline = timeline(view, moments);
    place.replaceWith(view.timeline.node);
  } catch {
    // It is only a picture.
  }
}

function timeline(view, shown = view.moments) {
  const { hit } = view;
  const moments = [...shown].sort((one, other) => one.start_seconds - other.start_seconds);
  const last = moments.at(-1).stop_seconds;
  const length = Math.max(hit.duration_seconds || 0, last, 0.001);
  const rail = element("div", { className: "rail" });
  const strip = element("div", { className: "strip" });
  let until = 0;
  for (const moment of moments) {
    const cell = element("span", { className: "cell" }, still(view, moment));
    cell.style.flexGrow = String(moment.stop_seconds - moment.start_seconds);
    strip.append(gap(moment.start_seconds - until), cell);
    until = moment.stop_seconds;
    const mark = element("span", { className: "mark" });
    mark.style.left = `${(100 * moment.start_seconds) / length}%`;
    mark.style.width = `${(100 * Math.min(moment.stop_seconds, length) - 100 * moment.start_seconds) / length}%`;
    rail.append(mark);
    view.stills.get(moment).mark = mark;
  }
  strip.append(gap(length - until));
  const head = element("span", { className: "head" });
  head.hidden = true;
  rail.append(head);
  rail.addEventListener("click", (event) => {
    const box = rail.getBoundingClientRect();
    playFrom(view, (length * Math.max(0, event.clientX - box.left)) / box.width, null);
  });
  // Pictures for the eye and the mouse; the rows below say and do the same for everybody.
  const ends = element("div", { className: "ends" }, element("span", {}, "0:00"), element("span", {}, clock(length)));
  const node = element("div", { className: "timeline", ariaHidden: "true" }, strip, rail, ends);
  const showHead = (seconds) => {
    head.hidden = seconds === null;
    if (seconds !== null) head.style.left = `${Math.min(100, (100 * seconds) / length)}%`;
  };
  return { node, showHead };
}

function gap(seconds) {
  const made = element("span", { className: "gap" });
  made.style.flexGrow = String(Math.max(0, seconds));
  return made;
}

function still(view, moment) {
  const made = element("span", { className: "still" });
  if (moment.thumbnail) {
    const picture = element("img", { src: thumbnailAddress(moment.thumbnail), alt: "", loading: "lazy", decoding: "async" });
    picture.addEventListener("error", () => picture.replaceWith(noPicture()));
    made.append(picture);
  } else made.append(noPicture());
  made.append(element("span", { className: "stamp" }, clock(moment.start_seconds)), element("span", { className: "disc" }, icon("play")));
  made.addEventListener("click", () => playFrom(view, moment.start_seconds, view.rows.get(moment)?.button));
  linkHover(view, moment, made);
  view.stills.set(moment, { node: made });
  return made;
}

const noPicture = () => element("span", { className: "no-picture" }, icon("sound"));

function rows(view) {
  const { moments, say } = view;
  if (moments.length) return moments.map((moment) => row(view, moment));
  return [row(view, null, say.ofTitle)];
}

function row(view, moment, instead = null) {
  const { say } = view;
  const start = moment?.start_seconds ?? 0;
  const spoken = moment?.speech ?? "";
  const opener = button("play", () => playFrom(view, start, opener), icon("play"), element("span", {}, clock(start)));
  opener.ariaLabel = say.playFrom(clock(start), spoken || instead);
  const then = moment?.follows ? element("span", { className: "quiet" }, `${say.then(Math.round(moment.after_seconds))} `) : null;
  const text = element("p", { className: "speech" }, then, ...speechOf(moment, say, instead));
  const made = element("li", { className: "moment" }, opener, text, actions(view, moment));
  // The whole row plays, unless a word in it is being selected.
  text.addEventListener("click", () => getSelection().isCollapsed && playFrom(view, start, opener));
  view.rows.set(moment, { node: made, button: opener });
  if (moment) linkHover(view, moment, made);
  return made;
}

function speechOf(moment, say, instead) {
  if (instead !== null) return [element("span", { className: "quiet" }, instead)];
  if (!moment.speech) {
    const shown = moment.legs?.picture_vector;
    return [element("span", { className: "quiet" }, shown ? say.noSpeech : say.noSpeechAt)];
  }
  if (!moment.highlight) return [moment.speech];
  return moment.highlight.map((piece) => (piece.match ? element("mark", {}, piece.text) : piece.text));
}

function actions(view, moment) {
  const { hit, say, act } = view;
  const made = element("div", { className: "actions" });
  const sure = confidenceOf(moment ? moment.legs : hit.legs);
  if (sure !== null) made.append(element("span", { className: "sure", title: say.confidence }, say.percent(sure)));
  if (Object.keys(moment?.legs ?? hit.legs ?? {}).length) made.append(whyButton(view, moment));
  if (moment?.moment_id && act.similar)
    made.append(button("plain", () => act.similar(hit, moment, view.name), icon("similar"), element("span", {}, say.similar)));
  return made;
}

function whyButton(view, moment) {
  const { hit, say } = view;
  let panel = null;
  const made = button("plain why-button", () => {
    const shown = panel === null;
    if (shown) {
      panel = explanation(hit, moment, say, (seconds) => playFrom(view, seconds, made));
      view.rows.get(moment).node.append(panel);
    } else {
      panel.remove();
      panel = null;
    }
    made.ariaExpanded = String(shown);
  });
  made.ariaExpanded = "false";
  made.append(shareBar(legsOf(hit, moment)), element("span", {}, say.why));
  return made;
}

function linkHover(view, moment, node) {
  const light = (lit) => () => {
    view.stills.get(moment)?.node.classList.toggle("lit", lit);
    view.stills.get(moment)?.mark?.classList.toggle("lit", lit);
    view.rows.get(moment)?.node.classList.toggle("lit", lit);
  };
  node.addEventListener("pointerenter", light(true));
  node.addEventListener("pointerleave", light(false));
}

function playFrom(view, seconds, opener) {
  const { hit, say, act } = view;
  const near = view.moments.find((moment) => moment.start_seconds <= seconds && seconds < moment.stop_seconds);
  const wish = {
    hit,
    card: view.card,
    stagePlace: view.stagePlace,
    start: seconds,
    opener: opener ?? view.rows.get(near ?? view.moments[0] ?? null)?.button,
    poster: near?.thumbnail ?? null,
    onTime: (now) => showTime(view, now),
    onMove: act.moved,
    onCopy: act.copy,
  };
  play(wish, say);
}

function showTime(view, seconds) {
  view.timeline?.showHead(seconds);
  for (const [moment, { node, button: opener }] of view.rows) {
    const now = moment !== null && seconds !== null && moment.start_seconds <= seconds && seconds < moment.stop_seconds;
    node.classList.toggle("now", now);
    if (now) opener.setAttribute("aria-current", "true");
    else opener.removeAttribute("aria-current");
  }
}
