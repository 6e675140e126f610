// The search page: the address holds what is wished for, the API the answer.

import { PAGE_SIZE, nothing, readAddress, withoutFilters, writeAddress } from "./address.js";
import { Problem } from "./api.js";
import { askFor, kindOf } from "./asking.js";
import { installDrops, sortFiles } from "./drops.js";
import { clock, icon } from "./element.js";
import { closeMenus, learn, showArrangement, showFilters } from "./filters.js";
import { installKeys } from "./keys.js";
import { firstLanguage, labelPage, labels, rememberLanguage } from "./labels.js";
import { showPicked } from "./picked.js";
import { closePlayer, playing } from "./player.js";
import { append, offerMore, show } from "./results.js";
import { lonelyHit } from "./lonely.js";
import { installSuggestions } from "./suggestions.js";
import { toast } from "./toast.js";
import { openUploads, relabelUploads } from "./uploads.js";

const MOST_HITS = 100;
const node = (id) => document.getElementById(id);
const input = node("q");

let language = firstLanguage();
let wish = nothing();
let shown = { state: "start" };
let running = null;
// Pictures are no part of an address: they live as long as the page does, by number.
const pictures = [];
let picture = null;

const say = () => labels[language];
const kind = () => kindOf(wish, picture);

const ask = (signal, limit, page) => askFor(wish, picture, { limit, page, signal });

async function search() {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  if (kind() === "text" && !wish.q) return wish.v ? showLonely(signal) : put({ state: "start", note: shown.note });
  put({ state: "searching" });
  try {
    const answer = await ask(signal, PAGE_SIZE);
    if (signal.aborted) return;
    learn(answer);
    put({ state: "found", answer, kind: kind(), total: answer.hits.length, limit: PAGE_SIZE, page: 1, next: answer.next });
    if (wish.v) playDeep(signal);
  } catch (problem) {
    fail(problem, signal);
  }
}

function fail(problem, signal) {
  if (signal.aborted || problem.name === "AbortError") return;
  if (!(problem instanceof Problem)) throw problem;
  const missing = kind() === "picture" && [404, 405].includes(problem.status);
  put({ state: "failed", problem: missing ? new Problem(problem.status, say().noPictureSearch) : problem });
}

/** Show a state; `shown` is what another language shows again. */
function put(next) {
  closePlayer({ refocus: false, quiet: true });
  shown = { ...next, wish };
  shown.canGoOn = canGoOn(shown);
  render();
}

function render() {
  const title = kind() === "text" ? wish.q : pickedNow().label;
  document.title = title ? `${title} · kadr` : "kadr";
  showFilters(wish, shown.answer, say(), change);
  showArrangement(wish, shown.state === "found" && shown.kind !== "video", say(), change);
  showPicked(kind() === "text" ? null : pickedNow(), say(), () => go(nothing()));
  input.hidden = kind() !== "text";
  node("clear").hidden = !input.value || kind() !== "text";
  show(shown, say(), act);
}

function pickedNow() {
  if (picture) return { label: say().likePicture, file: picture.file };
  const { title, seconds } = history.state?.like ?? {};
  return { label: say().similarTo(title && clock(seconds), title) };
}

function canGoOn({ state, answer, next, total, limit }) {
  if (state !== "found" || !answer.hits.length) return false;
  return Boolean(next) || (answer.next === undefined && total >= limit && limit < MOST_HITS);
}

async function more() {
  const { signal } = running;
  const before = shown;
  const limit = before.next ? PAGE_SIZE : Math.min(MOST_HITS, before.limit + PAGE_SIZE);
  node("more").firstChild.disabled = true;
  try {
    const answer = await ask(signal, limit, before.next);
    if (signal.aborted) return;
    learn(answer);
    const known = new Set(before.answer.hits.map(nameOf));
    const hits = answer.hits.filter((hit) => !known.has(nameOf(hit)));
    const all = [...before.answer.hits, ...hits];
    const total = before.next ? all.length : answer.hits.length;
    shown = { ...before, answer: { ...before.answer, hits: all, next: answer.next }, total, limit, page: before.page + 1, next: answer.next };
    shown.canGoOn = canGoOn(shown);
    const first = append(hits, say(), act);
    offerMore(shown, say(), act);
    first?.querySelector(".play")?.focus();
    toast(say().moreShown(hits.length));
  } catch (problem) {
    if (signal.aborted) return;
    node("more").firstChild.disabled = false;
    toast(problem.detail ?? say().offline);
  }
}

const nameOf = (hit) => `${hit.video_id} ${wish.group === "moment" ? hit.moments[0]?.start_seconds : ""}`;

/** Play what the address names; a video that was not found stands alone above. */
async function playDeep(signal) {
  const { v, t } = wish;
  const cards = [...document.querySelectorAll(`#results .card[data-video="${CSS.escape(v)}"]`)];
  if (cards.length) return cards[0].playFrom(t);
  try {
    const hit = await lonelyHit(v, t);
    if (signal.aborted) return;
    shown.answer.hits.push(hit);
    append([hit], say(), act).playFrom(t);
  } catch {
    toast(say().gone);
  }
}

async function showLonely(signal) {
  put({ state: "searching" });
  try {
    const hit = await lonelyHit(wish.v, wish.t);
    if (signal.aborted) return;
    put({ state: "found", answer: { hits: [hit], took_ms: 0, warnings: [] }, kind: "video", total: 1, limit: MOST_HITS, page: 1 });
    document.querySelector("#results .card").playFrom(wish.t);
  } catch (problem) {
    fail(problem, signal);
  }
}

/** Wish for something else: it goes into the address, and is searched for. */
function go(next, { state = null, file = null } = {}) {
  wish = { ...next, v: next.v && next.opened ? next.v : "", t: next.opened ? next.t : 0 };
  delete wish.opened;
  picture = file;
  input.value = wish.q;
  const address = writeAddress(wish);
  if (address !== location.pathname + location.search || state || history.state) history.pushState(state, "", address);
  search();
}

/** The same search, changed a little. */
const change = (part) => go({ ...wish, ...part }, { state: history.state, file: picture });

function searchByPicture(file) {
  pictures.push(file);
  go({ ...nothing() }, { state: { picture: pictures.length - 1 }, file: { file } });
}

function takeFiles({ picture: found, videos }) {
  if (videos.length) upload(videos);
  else if (found) searchByPicture(found);
  else toast(say().notAPicture);
}

const upload = (files) =>
  openUploads(files, say(), {
    watch: (videoId) => go({ ...nothing(), v: videoId, opened: true }),
    searchIn: (videoId) => {
      wish = { ...nothing(), video: [videoId] };
      history.pushState(null, "", writeAddress(wish));
      input.value = "";
      picture = null;
      put({ state: "start" });
      input.focus();
    },
  });

const act = {
  change,
  more,
  again: search,
  clearFilters: () => change(withoutFilters(wish)),
  onlyVideo: (hit) => change({ video: [hit.video_id] }),
  similar: (hit, moment, title) =>
    go({ ...nothing(), similar: moment.moment_id }, { state: { like: { title, seconds: moment.start_seconds } } }),
  moved: (place) => {
    wish = { ...wish, v: place?.videoId ?? "", t: place?.seconds ?? 0 };
    history.replaceState(history.state, "", writeAddress(wish));
  },
  copy: async (place) => {
    act.moved(place);
    try {
      await navigator.clipboard.writeText(location.href);
      toast(say().copied);
    } catch {
      toast(say().copyByHand);
    }
  },
};

function followAddress() {
  wish = readAddress(location.search);
  const number = history.state?.picture;
  picture = number !== undefined && pictures[number] ? { file: pictures[number] } : null;
  shown = { state: "start", note: number !== undefined && !picture ? say().pictureGone : undefined };
  input.value = wish.q;
  search();
}

function speak(chosen) {
  language = chosen;
  const place = playing();
  const focused = document.activeElement;
  closePlayer({ refocus: false, quiet: true });
  labelPage(language);
  node("keys").replaceChildren(...say().keys.map(([key, what]) => keyLine(key, what)));
  node("drop").firstElementChild.textContent = say().dropHere;
  relabelUploads(say());
  if (shown.wish) render();
  if (place) document.querySelector(`#results .card[data-video="${CSS.escape(place.videoId)}"]`)?.playFrom(place.seconds);
  focused?.focus?.();
}

function keyLine(key, what) {
  const line = document.createElement("span");
  line.append(Object.assign(document.createElement("kbd"), { textContent: key }), ` ${what}`);
  return line;
}

function install() {
  for (const place of document.querySelectorAll("[data-icon]")) place.prepend(icon(place.dataset.icon));
  const suggestions = installSuggestions(input, node("suggestions"), say, (text) => change({ q: text }));
  node("search").addEventListener("submit", (event) => {
    event.preventDefault();
    suggestions.hide();
    if (kind() === "text") change({ q: input.value.trim() });
  });
  input.addEventListener("input", () => (node("clear").hidden = !input.value));
  node("clear").addEventListener("click", () => {
    change({ q: "" });
    input.focus();
  });
  node("picture").addEventListener("click", () => node("picture-file").click());
  node("picture-file").addEventListener("change", (event) => {
    takeFiles(sortFiles(event.target.files));
    event.target.value = "";
  });
  node("upload").addEventListener("click", () => upload([]));
  for (const button of document.querySelectorAll("[data-language]"))
    button.addEventListener("click", () => {
      rememberLanguage(button.dataset.language);
      speak(button.dataset.language);
    });
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    (document.querySelector("#results .play") ?? node("results")).focus();
  });
  installDrops(node("drop"), takeFiles);
  installKeys(input);
  addEventListener("popstate", () => {
    closeMenus();
    followAddress();
  });
}

install();
speak(language);
followAddress();
