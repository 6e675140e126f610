// Uploads: chosen in a dialog, sent with their progress, and followed until they can be found.

import { button, element, icon } from "./element.js";
import { streamUpload } from "./sending.js";

const tray = () => document.getElementById("uploads");
let entries = [];

/** Open the dialog, with files that were dropped or chosen already. */
export function openUploads(files, say, act) {
  document.querySelector("dialog.upload")?.remove();
  let chosen = [...files];
  const file = element("input", { type: "file", accept: "video/*,audio/*,.mkv,.ts,.flv", multiple: true, hidden: true });
  const title = element("input", { type: "text", maxLength: 1000, name: "title" });
  const language = element("select", { name: "language" }, element("option", { value: "" }, say.uploadUnknown));
  for (const [code, name] of [["ru", "Русский"], ["en", "English"]]) language.append(element("option", { value: code }, name));
  const list = element("p", { className: "chosen" });
  const send = element("button", { type: "submit", className: "strong" });
  const titleLine = element("label", {}, element("span", {}, `${say.uploadName} (${say.optional})`), title);
  const zone = element("div", { className: "zone" }, icon("upload"), element("span", {}, say.uploadDrop), button("plain framed", () => file.click(), say.choose), file);
  const form = element("form", { method: "dialog" });
  form.append(
    element("h2", {}, say.uploadTitle),
    zone,
    list,
    titleLine,
    element("label", {}, element("span", {}, say.uploadLanguage), language),
    element("div", { className: "dialog-tools" }, button("plain framed", () => dialog.close(), say.cancel), send),
  );
  const dialog = element("dialog", { className: "upload", ariaLabel: say.uploadTitle }, form);
  const choose = (more) => {
    chosen = [...more];
    list.replaceChildren(...chosen.map((one) => element("span", {}, one.name)));
    titleLine.hidden = chosen.length > 1;
    send.disabled = !chosen.length;
    send.textContent = say.uploadStart(chosen.length);
  };
  file.addEventListener("change", () => choose(file.files));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (event.dataTransfer.files.length) choose(event.dataTransfer.files);
  });
  form.addEventListener("submit", () => {
    const fields = { ...(title.value.trim() && chosen.length === 1 && { title: title.value.trim() }), ...(language.value && { language: language.value }) };
    for (const one of chosen) begin(one, fields, say, act);
  });
  dialog.addEventListener("close", () => dialog.remove());
  choose(chosen);
  document.body.append(dialog);
  dialog.showModal();
}

/** Show all uploads again, in the words of another language. */
export function relabelUploads(say) {
  for (const entry of entries) entry.show(say);
}

function begin(file, fields, say, act) {
  const entry = { file, name: fields.title || file.name, state: { stage: "sending", percent: 0 }, say };
  entry.node = element("div", { className: "upload-line" });
  entry.show = (words = entry.say) => {
    entry.say = words;
    line(entry, act);
  };
  entries = [entry, ...entries];
  tray().hidden = false;
  tray().prepend(entry.node);
  entry.sending = streamUpload(file, fields, (state) => {
    entry.state = { ...entry.state, ...state };
    entry.show();
  });
  entry.show();
}

function line(entry, act) {
  const { state, say, name } = entry;
  const failed = state.stage === "failed" || Boolean(state.problem);
  const done = ["ready", "partial"].includes(state.stage);
  entry.node.className = `upload-line ${failed ? "failed" : done ? "done" : ""}`;
  const bar = element("progress", { max: 1, ariaLabel: name });
  const fraction = fractionOf(state);
  if (fraction !== null) bar.value = fraction;
  const tools = [];
  if (done) {
    tools.push(button("plain framed", () => act.watch(state.videoId), icon("play"), say.watchUploaded));
    tools.push(button("plain framed", () => act.searchIn(state.videoId, name), icon("search"), say.searchUploaded));
  }
  if (state.stage === "sending" && !state.problem) tools.push(button("plain framed", () => entry.sending.cancel(), say.cancel));
  else if (failed || done) tools.push(hideButton(entry, say));
  entry.node.replaceChildren(
    element("div", { className: "upload-name" }, element("strong", {}, name), element("span", { className: "quiet", role: "status" }, wordsOf(state, say))),
    ...(failed || done ? [] : [bar]),
    element("div", { className: "upload-tools" }, ...tools),
  );
}

function hideButton(entry, say) {
  return button(
    "plain framed",
    () => {
      entries = entries.filter((other) => other !== entry);
      entry.node.remove();
      tray().hidden = !entries.length;
    },
    say.hide,
  );
}

function fractionOf({ stage, percent, spansTotal, spansDone, spansFailed }) {
  if (stage === "sending") return percent / 100;
  if (!spansTotal) return null;
  return (spansDone + spansFailed) / spansTotal;
}

function wordsOf({ stage, percent, problem, spansTotal, spansDone, spansFailed, reason, lost }, say) {
  if (problem === "cancelled") return say.uploadCancelled;
  if (problem) return `${say.uploadFailed} ${problem.detail ?? say.offline}`;
  if (stage === "sending") return say.sending(percent);
  const counted = spansTotal && ["planned", "indexing", "partial"].includes(stage) ? `, ${say.spans(spansDone + (stage === "partial" ? 0 : spansFailed), spansTotal)}` : "";
  return [`${say.stage[stage] ?? stage}${counted}`, reason, lost && say.followLost].filter(Boolean).join(". ");
}
