// What is searched by instead of words: a picture, or a moment. It stands in the search box until it is taken out.

import { button, element, icon } from "./element.js";

/** Show it in the box, with a button that takes it out; `file` is drawn, so that no address is needed for it. */
export function showPicked(picked, say, remove) {
  const place = document.getElementById("picked");
  if (!picked) return place.replaceChildren();
  const clear = button("bare", remove, icon("close"));
  clear.ariaLabel = say.clear;
  const chip = element("span", { className: "picked" }, element("span", { className: "picked-name" }, picked.label), clear);
  if (picked.file) chip.prepend(preview(picked.file));
  else chip.prepend(icon("similar"));
  place.replaceChildren(chip);
}

function preview(file) {
  const canvas = element("canvas", { width: 64, height: 40, ariaHidden: "true" });
  createImageBitmap(file).then(
    (picture) => {
      const scale = Math.max(canvas.width / picture.width, canvas.height / picture.height);
      const [width, height] = [picture.width * scale, picture.height * scale];
      canvas.getContext("2d").drawImage(picture, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
    },
    () => canvas.replaceWith(icon("picture")),
  );
  return canvas;
}
