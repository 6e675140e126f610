// The requests of the page. Whatever goes wrong becomes a Problem that can be shown.

/** An answer that is none: `detail` is the API's own sentence, or null if the server was not reached. */
export class Problem extends Error {
  constructor(status, detail) {
    super(detail ?? "no answer");
    this.status = status;
    this.detail = detail;
  }
}

async function ask(address, options = {}) {
  let response;
  try {
    response = await fetch(address, { headers: { accept: "application/json" }, ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, null);
  }
  let body = null;
  try {
    body = await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
  }
  if (!response.ok) throw new Problem(response.status, body?.detail ?? `HTTP ${response.status}`);
  if (body === null) throw new Problem(response.status, null);
  return body;
}

const encoded = encodeURIComponent;

/** `POST /search`. */
export function searchText(request, signal) {
  const headers = { "content-type": "application/json", accept: "application/json" };
  return ask("/search", { method: "POST", headers, body: JSON.stringify(request), signal });
}

/** `POST /search/image`: what looks like a picture. */
export function searchPicture(file, fields, signal) {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  form.append("file", file, file.name || "picture");
  return ask("/search/image", { method: "POST", body: form, signal });
}

/** `GET /moments/{id}/similar`: what is like a moment. */
export function searchSimilar(momentId, fields, signal) {
  return ask(`/moments/${encoded(momentId)}/similar?${new URLSearchParams(fields)}`, { signal });
}

/** `GET /suggest`. */
export const suggest = (typed, signal) => ask(`/suggest?${new URLSearchParams({ q: typed, limit: "6" })}`, { signal });

/** `GET /videos/{id}`. */
export const videoDetail = (videoId) => ask(`/videos/${encoded(videoId)}`);

/** `GET /videos/{id}/moments`. */
export const videoMoments = (videoId, limit) => ask(`/videos/${encoded(videoId)}/moments?limit=${limit}`);

/** Where a video's bytes, subtitles and events are. */
export const streamAddress = (videoId) => `/videos/${encoded(videoId)}/stream`;
export const transcriptAddress = (videoId, kind) => `/videos/${encoded(videoId)}/transcript.${kind}`;
export const thumbnailAddress = (key) => `/thumbnails/${key.split("/").map(encoded).join("/")}`;
