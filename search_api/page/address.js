// What is wished for, as the page's address holds it and as the API is asked for it. Pure.

export const PAGE_SIZE = 20;
const MOMENTS_PER_VIDEO = 3;
const LISTS = { language: "language", bucket: "bucket", category: "categories", video: "video_id" };
const DAY = /^\d{4}-\d\d-\d\d$/;

/** Read an address: `?q=frog&language=ru&duration=60-600&from=2024-01-01&v=ID&t=12.5`. */
export function readAddress(search) {
  const given = new URLSearchParams(search);
  const seconds = Number.parseFloat(given.get("t"));
  return {
    q: (given.get("q") ?? "").trim().slice(0, 1000),
    similar: given.get("similar") ?? "",
    language: given.getAll("language"),
    bucket: given.getAll("bucket"),
    category: given.getAll("category"),
    video: given.getAll("video"),
    duration: /^\d*-\d*$/.test(given.get("duration") ?? "") ? given.get("duration") : "",
    from: DAY.test(given.get("from")) ? given.get("from") : "",
    to: DAY.test(given.get("to")) ? given.get("to") : "",
    sort: ["newest", "oldest"].includes(given.get("sort")) ? given.get("sort") : "relevance",
    group: given.get("group") === "moment" ? "moment" : "video",
    unsure: given.has("unsure"),
    v: given.get("v") ?? "",
    t: Number.isFinite(seconds) && seconds > 0 ? seconds : 0,
  };
}

/** The wish without a search, a filter or a second. */
export const nothing = () => readAddress("");

/** Write a wish as an address; what is as usual is left out. */
export function writeAddress(wish) {
  const written = new URLSearchParams();
  for (const name of ["q", "similar", "duration", "from", "to"]) if (wish[name]) written.set(name, wish[name]);
  for (const name of Object.keys(LISTS)) for (const value of wish[name]) written.append(name, value);
  if (wish.sort !== "relevance") written.set("sort", wish.sort);
  if (wish.group !== "video") written.set("group", wish.group);
  if (wish.unsure) written.set("unsure", "1");
  if (wish.v) {
    written.set("v", wish.v);
    written.set("t", String(Math.round(wish.t * 10) / 10));
  }
  const text = written.toString();
  return text ? `/?${text}` : "/";
}

/** How many kinds of filters are set. */
export function filterCount(wish) {
  const lists = Object.keys(LISTS).filter((name) => wish[name].length).length;
  return lists + Number(Boolean(wish.duration)) + Number(Boolean(wish.from || wish.to));
}

/** The same wish without filters. */
export function withoutFilters(wish) {
  return { ...wish, language: [], bucket: [], category: [], video: [], duration: "", from: "", to: "" };
}

/** The filters as the API takes them. */
export function filtersOf(wish) {
  const filters = {};
  for (const [name, field] of Object.entries(LISTS)) if (wish[name].length) filters[field] = wish[name];
  const [atLeast, below] = wish.duration.split("-");
  if (atLeast || below)
    filters.duration_seconds = { ...(atLeast && { gte: Number(atLeast) }), ...(below && { lt: Number(below) }) };
  if (wish.from || wish.to)
    filters.published_at = { ...(wish.from && { gte: wish.from }), ...(wish.to && { lte: wish.to }) };
  return filters;
}

/** What is counted for the menus. */
export const FACETS = ["language", "bucket", "categories", "duration_seconds"];

/** What every search is asked with, by words or not. */
export function requestOf(wish, limit = PAGE_SIZE, page = null) {
  const filters = filtersOf(wish);
  return {
    limit,
    moments_per_video: MOMENTS_PER_VIDEO,
    sort: wish.sort,
    group_by: wish.group,
    ...(Object.keys(filters).length && { filters }),
    ...(wish.unsure && { min_confidence: 0 }),
    ...(page && { page }),
  };
}

/** The same as parameters of an address or fields of a form. */
export function fieldsOf(request) {
  return Object.entries(request).map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : String(value)]);
}
