// The keyboard: / to the box, arrows from moment to moment, Esc closes what is open.

import { closeMenus } from "./filters.js";
import { closePlayer } from "./player.js";

const isTyping = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, dialog");

/** Install the page's keys. */
export function installKeys(input) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "/" && !isTyping(event.target)) {
      event.preventDefault();
      input.focus();
      input.select();
    } else if (event.key === "Escape") escape(event, input);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") arrow(event, input);
  });
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest(".chip")) closeMenus();
  });
}

function escape(event, input) {
  if (event.target.closest("dialog")) return;
  const chip = closeMenus();
  if (chip) chip.focus();
  else if (!closePlayer() && event.target !== input) input.focus();
  event.preventDefault();
}

function arrow(event, input) {
  const { target } = event;
  if (target.closest("video, .menu, select, dialog") || (isTyping(target) && target !== input)) return;
  const plays = [...document.querySelectorAll("#results .play")];
  if (!plays.length) return;
  const here = plays.indexOf(target.closest("#results .moment")?.querySelector(".play"));
  const next = here + (event.key === "ArrowDown" ? 1 : -1);
  if (target === input && event.key === "ArrowUp") return;
  event.preventDefault();
  if (next < 0) input.focus();
  else plays[Math.min(next, plays.length - 1)].focus();
}
