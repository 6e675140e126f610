// A video in a player, in the video's own time. What browsers cannot play comes converted, from a second on and without
// ranges: its own time begins at 0 there, and going elsewhere means asking anew.

import { streamAddress } from "./api.js";

export class Film {
  constructor(video, videoId) {
    this.video = video;
    this.address = streamAddress(videoId);
    this.original = `${this.address}?original=true`;
    this.onFailure = () => {};
    this.converted = false;
    this.begin = 0;
    this.wanted = null;
    this.closed = false;
    this.shifted = 0;
    video.addEventListener("loadedmetadata", () => this.#arrive());
    video.addEventListener("error", () => this.#fail());
    video.querySelector("track")?.addEventListener("load", () => this.#shiftCaptions());
  }

  /** Where it is. */
  get seconds() {
    return this.wanted ?? this.begin + this.video.currentTime;
  }

  /** Load it, and play from a second on. */
  async start(seconds) {
    this.wanted = seconds;
    const head = await this.#head();
    if (this.closed) return;
    if (head.status >= 400 || head.status === 0) return this.onFailure(head.status);
    this.converted = head.converted;
    this.#load(this.wanted);
  }

  /** Go to a second, and play. */
  seek(seconds) {
    if (this.wanted !== null) this.wanted = seconds;
    else if (this.converted) this.#load(seconds);
    else {
      this.video.currentTime = seconds;
      this.#play();
    }
  }

  close() {
    this.closed = true;
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
  }

  #load(seconds) {
    this.wanted = seconds;
    this.begin = this.converted ? seconds : 0;
    this.video.src = this.converted ? `${this.address}?start=${seconds}` : this.address;
  }

  #arrive() {
    const inFile = (this.wanted ?? this.begin) - this.begin;
    // A second may have been wished for while the video was being loaded.
    if (this.converted && inFile) return this.#load(this.wanted);
    if (inFile) this.video.currentTime = inFile;
    this.wanted = null;
    this.#shiftCaptions();
    this.#play();
  }

  #play() {
    // Browsers may refuse to start by themselves; the controls are there then.
    this.video.play().catch(() => {});
  }

  async #fail() {
    if (this.closed || !this.video.error) return;
    const { status } = await this.#head();
    if (!this.closed) this.onFailure(status);
  }

  async #head() {
    try {
      const answer = await fetch(this.address, { method: "HEAD" });
      return { status: answer.status, converted: answer.headers.get("kadr-playback") === "converted" };
    } catch {
      return { status: 0, converted: false };
    }
  }

  #shiftCaptions() {
    const cues = this.video.textTracks[0]?.cues;
    if (!cues?.length || this.shifted === this.begin) return;
    const later = this.shifted - this.begin;
    for (const cue of [...cues]) {
      cue.startTime += later;
      cue.endTime += later;
    }
    this.shifted = this.begin;
  }
}
