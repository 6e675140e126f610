// One player at a time, in the card that it was started from.

import { transcriptAddress, thumbnailAddress } from "./api.js";
import { button, element, icon } from "./element.js";
import { Film } from "./film.js";

let open = null;

/** What plays: `{ videoId, seconds }`, or null. */
export function playing() {
  return open && { videoId: open.hit.video_id, seconds: open.film.seconds };
}

/** Stop, put the focus back to where the player was started, and tell that nothing plays. */
export function closePlayer({ refocus = true, quiet = false } = {}) {
  if (!open) return false;
  const closed = open;
  open = null;
  closed.film.close();
  closed.stage.remove();
  closed.card.classList.remove("playing");
  closed.onTime(null);
  if (refocus) closed.opener?.focus();
  if (!quiet) closed.onMove(null);
  return true;
}

/**
 * Play a video in a card from a second on.
 *
 * @param {{hit: object, card: Element, stagePlace: Element, start: number, opener: Element, poster: string,
 *   onTime: (seconds: number | null) => void, onMove: (place: object | null) => void, onCopy: Function}} wish
 */
export function play(wish, say) {
  if (open?.card === wish.card) return jump(wish);
  closePlayer({ refocus: false });
  const video = element("video", { controls: true, playsInline: true, preload: "auto" });
  if (wish.poster) video.poster = thumbnailAddress(wish.poster);
  video.ariaLabel = wish.hit.title || wish.hit.key;
  const track = element("track", { kind: "captions", label: say.captions, srclang: "und" });
  track.src = transcriptAddress(wish.hit.video_id, "vtt");
  video.append(track);
  const problem = element("div", { className: "problem", role: "alert" });
  const stage = element("div", { className: "stage" }, video, problem, controls(wish, say));
  open = { ...wish, stage, problem, film: new Film(video, wish.hit.video_id) };
  wish.card.classList.add("playing");
  wish.stagePlace.replaceChildren(stage);
  follow(open, video, say);
  open.film.start(wish.start);
  tellPlace(open, wish.start);
  bring(stage);
}

function jump({ start, opener }) {
  open.opener = opener ?? open.opener;
  open.film.seek(start);
  tellPlace(open, start);
  bring(open.stage);
}

function tellPlace(mine, seconds) {
  if (open === mine) mine.onMove({ videoId: mine.hit.video_id, seconds });
}

function follow(mine, video, say) {
  const moved = () => tellPlace(mine, mine.film.seconds);
  video.addEventListener("loadedmetadata", () => mine.stage.classList.toggle("sound-only", !video.videoWidth));
  video.addEventListener("timeupdate", () => open === mine && mine.onTime(mine.film.seconds));
  video.addEventListener("pause", moved);
  video.addEventListener("seeked", moved);
  mine.film.onFailure = (status) => {
    if (open === mine) mine.problem.replaceChildren(...reason(status, mine, say));
  };
}

function reason(status, { hit, film }, say) {
  if (status === 409) return [say.replaced];
  if (status === 404 || status === 410) return [say.gone];
  if (status === 0 || status >= 500) return [say.offline];
  const name = hit.key.split("/").at(-1);
  return [`${say.cannotPlay} `, element("a", { href: film.original, download: name }, say.download)];
}

function controls(wish, say) {
  return element(
    "div",
    { className: "stage-tools" },
    button("plain", () => wish.onCopy(playing()), icon("link"), element("span", {}, say.copyLink)),
    element(
      "a",
      { className: "plain", href: transcriptAddress(wish.hit.video_id, "txt"), target: "_blank", rel: "noopener" },
      say.transcript,
    ),
    closeButton(say),
  );
}

function closeButton(say) {
  const made = button("plain close", () => closePlayer(), icon("close"), element("span", {}, say.close));
  made.ariaLabel = say.close;
  return made;
}

function bring(stage) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  stage.scrollIntoView({ block: "center", behavior: calm ? "instant" : "smooth" });
}
