// A video that an address names without a search that finds it.

import { videoDetail, videoMoments } from "./api.js";

const BEFORE_SECONDS = 0.001;
const SHOWN_MOMENTS = 3;

/** The video as a hit: with the moment of the second, and some that stand around it. */
export async function lonelyHit(videoId, seconds) {
  const [detail, page] = await Promise.all([
    videoDetail(videoId),
    videoMoments(videoId, 1000).catch(() => ({ moments: [] })),
  ]);
  const here = Math.max(0, page.moments.findIndex((moment) => moment.stop_seconds > seconds + BEFORE_SECONDS));
  const first = Math.max(0, Math.min(here - 1, page.moments.length - SHOWN_MOMENTS));
  const moments = page.moments.slice(first, first + SHOWN_MOMENTS).map((moment) => ({ ...moment, legs: {} }));
  return { ...detail, legs: {}, score: 0, moments };
}
