// The three ways to search: by words, by a picture, by a moment.

import { FACETS, fieldsOf, requestOf } from "./address.js";
import { searchPicture, searchSimilar, searchText } from "./api.js";

/** What a wish searches by. */
export const kindOf = (wish, picture) => (picture ? "picture" : wish.similar ? "similar" : "text");

/** Ask the API for a page of what is wished for. */
export function askFor(wish, picture, { limit, page, signal }) {
  const request = requestOf(wish, limit, page);
  const kind = kindOf(wish, picture);
  if (kind === "picture") return searchPicture(picture.file, fieldsOf(request), signal);
  if (kind === "similar") return searchSimilar(wish.similar, fieldsOf(request), signal);
  return askText({ query: wish.q, ...request }, page ? [] : FACETS, signal);
}

/** Ask with facets; a query that cannot have any (one that says what follows) is asked again without. */
async function askText(request, facets, signal) {
  try {
    return await searchText(facets.length ? { ...request, facets } : request, signal);
  } catch (problem) {
    if (problem.status !== 422 || !facets.length || !/facets/.test(problem.detail)) throw problem;
    return searchText(request, signal);
  }
}
