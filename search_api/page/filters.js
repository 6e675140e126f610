// Filters as chips, each with a menu; and in which order and as what the hits are shown.

import { button, element, icon } from "./element.js";

const LANGUAGES = ["ru", "en"];
const FACETS = { language: "language", bucket: "bucket", category: "categories" };

/** What was seen in answers so far; a menu offers it even where the answer has no facets. */
const seen = { bucket: new Set(), titles: new Map() };

/** Remember what an answer knows of buckets and titles. */
export function learn(answer) {
  for (const hit of answer.hits) {
    seen.bucket.add(hit.bucket);
    seen.titles.set(hit.video_id, hit.title || hit.key.split("/").at(-1));
  }
}

/** Show the chips for a wish. */
export function showFilters(wish, answer, say, change) {
  const open = document.querySelector("#filters .chip-button[aria-expanded=true]")?.dataset.chip;
  const focused = document.activeElement?.closest?.("#filters") ? document.activeElement.dataset : null;
  const facets = { approximate: answer?.facets?.approximate === true, fields: answer?.facets?.fields ?? {} };
  const chips = [
    listChip("language", wish, choices("language", wish, facets, LANGUAGES), say, change, (code) => languageName(code, say)),
    durationChip(wish, facets, say, change),
    dateChip(wish, say, change),
    listChip("bucket", wish, choices("bucket", wish, facets, seen.bucket.size > 1 ? [...seen.bucket] : []), say, change),
    listChip("category", wish, choices("category", wish, facets, []), say, change),
    listChip("video", wish, wish.video.map((value) => ({ value })), say, change, (id) => seen.titles.get(id) ?? id.slice(0, 8)),
  ];
  document.getElementById("filters").replaceChildren(...chips.filter(Boolean));
  if (open) document.querySelector(`#filters [data-chip="${open}"]`)?.show();
  if (focused?.chip || focused?.choice)
    document.querySelector(`#filters [data-${focused.choice ? "choice" : "chip"}="${CSS.escape(focused.choice ?? focused.chip)}"]`)?.focus();
}

/** Show the choice of order and of grouping. */
export function showArrangement(wish, shown, say, change) {
  const place = document.getElementById("arrange");
  if (!shown) return place.replaceChildren();
  const sort = element("select", { id: "sort", ariaLabel: say.sort });
  for (const [value, name] of Object.entries(say.sorts)) sort.append(element("option", { value, selected: wish.sort === value }, name));
  sort.addEventListener("change", () => change({ sort: sort.value }));
  const groups = Object.entries(say.groups).map(([group, name]) => {
    const made = button("segment", () => change({ group }), name);
    made.ariaPressed = String(wish.group === group);
    return made;
  });
  place.replaceChildren(element("div", { className: "segments", role: "group", ariaLabel: say.group }, ...groups), sort);
}

/** Close whatever menu is open; returns whether one was. */
export function closeMenus(except = null) {
  const open = [...document.querySelectorAll("#filters .chip-button[aria-expanded=true]")].filter((chip) => chip !== except);
  for (const chip of open) chip.hide();
  return open.length ? open[0] : null;
}

function choices(name, wish, facets, known) {
  const counts = new Map((facets.fields[FACETS[name]] ?? []).map((one) => [one.value, one.videos]));
  const values = new Set([...counts.keys(), ...known, ...wish[name]]);
  return [...values].map((value) => ({ value, count: counts.get(value), approximate: facets.approximate }));
}

function countMark(count, approximate, say) {
  if (count === undefined) return null;
  const mark = element("span", { className: "count" }, `${approximate ? "≈ " : ""}${count.toLocaleString(say.code)}`);
  if (approximate) mark.title = say.approximate;
  return mark;
}

function languageName(code, say) {
  try {
    const name = new Intl.DisplayNames([say.code], { type: "language" }).of(code);
    return name.charAt(0).toLocaleUpperCase(say.code) + name.slice(1);
  } catch {
    return code;
  }
}

function chip(name, value, say, clear, ...menu) {
  const label = say.filter[name];
  const opener = element("button", { type: "button", className: "chip-button", data: { chip: name } });
  opener.append(element("span", {}, value ? `${label}: ${value}` : label), icon("down"));
  const panel = element("div", { className: "menu", id: `menu-${name}`, role: "group", ariaLabel: label }, ...menu);
  panel.hidden = true;
  opener.setAttribute("aria-controls", panel.id);
  opener.setAttribute("aria-expanded", "false");
  opener.show = () => {
    closeMenus(opener);
    panel.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    const over = panel.getBoundingClientRect().right - document.documentElement.clientWidth + 8;
    panel.style.left = over > 0 ? `${-over}px` : "";
  };
  opener.hide = () => {
    panel.hidden = true;
    opener.setAttribute("aria-expanded", "false");
  };
  opener.addEventListener("click", () => (panel.hidden ? opener.show() : opener.hide()));
  const made = element("div", { className: value ? "chip on" : "chip" }, opener, panel);
  if (value) {
    const remove = button("chip-clear", clear, icon("close"));
    remove.ariaLabel = say.remove(label);
    opener.after(remove);
  }
  return made;
}

function listChip(name, wish, options, say, change, nameOf = (value) => value) {
  if (!options.length) return null;
  const chosen = wish[name];
  const lines = options.map(({ value, count, approximate }) => {
    const box = element("input", { type: "checkbox", checked: chosen.includes(value), data: { choice: `${name} ${value}` } });
    box.addEventListener("change", () =>
      change({ [name]: box.checked ? [...chosen, value] : chosen.filter((other) => other !== value) }),
    );
    return element("label", {}, box, element("span", {}, nameOf(value)), countMark(count, approximate, say));
  });
  const value = chosen.length > 2 ? String(chosen.length) : chosen.map(nameOf).join(", ");
  return chip(name, value, say, () => change({ [name]: [] }), ...lines);
}

function durationChip(wish, facets, say, change) {
  const ranges = (facets.fields.duration_seconds ?? []).map(({ gte, lt, videos }) => [`${gte ?? ""}-${lt ?? ""}`, videos]);
  const counts = new Map(ranges.map(([range, videos]) => [range.replace(/^0-/, "-"), videos]));
  const lines = [["", say.any], ...say.durations].map(([value, name]) => {
    const radio = element("input", { type: "radio", name: "duration", checked: wish.duration === value, data: { choice: `duration ${value}` } });
    radio.addEventListener("change", () => change({ duration: value }));
    return element("label", {}, radio, element("span", {}, name), countMark(counts.get(value), facets.approximate, say));
  });
  const short = wish.duration && (say.durationShort[wish.duration] ?? wish.duration);
  return chip("duration", short, say, () => change({ duration: "" }), ...lines);
}

function dateChip(wish, say, change) {
  const presets = say.dates.map(([days, name]) => {
    const first = new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
    const made = button("menu-line", () => change({ from: first, to: "" }), name);
    made.dataset.choice = `date ${days}`;
    return made;
  });
  const bounds = ["from", "to"].map((bound) => {
    const day = element("input", { type: "date", value: wish[bound], data: { choice: `date ${bound}` } });
    day.addEventListener("change", () => change({ [bound]: day.value }));
    return element("label", { className: "day" }, element("span", {}, say[bound]), day);
  });
  const written = (day) => new Date(`${day}T00:00`).toLocaleDateString(say.code, { dateStyle: "medium" });
  const value = ["from", "to"].filter((bound) => wish[bound]).map((bound) => `${say[bound]} ${written(wish[bound])}`).join(" ");
  return chip("date", value, say, () => change({ from: "", to: "" }), ...presets, ...bounds);
}
