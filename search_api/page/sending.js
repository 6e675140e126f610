// Sends a file with XMLHttpRequest, which tells how far it is, and follows what becomes of it.

import { Problem } from "./api.js";

/** Upload a file and follow it; `tell` is called with each change of its state. */
export function streamUpload(file, fields, tell) {
  const request = new XMLHttpRequest();
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", file, file.name);
  request.open("POST", "/videos");
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) tell({ stage: "sending", percent: Math.floor((100 * event.loaded) / event.total) });
  });
  request.addEventListener("load", () => {
    const answer = request.response;
    if (request.status >= 400) return tell({ problem: new Problem(request.status, answer?.detail ?? `HTTP ${request.status}`) });
    tell({ stage: "stored", videoId: answer.video_id });
    follow(answer.events, tell);
  });
  request.addEventListener("error", () => tell({ problem: new Problem(0, null) }));
  request.addEventListener("abort", () => tell({ problem: "cancelled" }));
  request.send(form);
  return { cancel: () => request.abort() };
}

function follow(address, tell) {
  const events = new EventSource(address);
  const read = (event) => {
    const told = JSON.parse(event.data);
    tell({
      stage: told.stage,
      spansTotal: told.spans_total,
      spansDone: told.spans_done,
      spansFailed: told.spans_failed,
      reason: told.reason,
      lost: false,
    });
    if (told.final) events.close();
  };
  events.addEventListener("progress", read);
  events.addEventListener("final", read);
  // The browser comes back by itself after an outage, but not after a refusal.
  events.addEventListener("error", () => events.readyState === EventSource.CLOSED && tell({ lost: true }));
}
