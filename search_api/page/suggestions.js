// What a query that is being typed may become: a list below the box (combobox, WAI-ARIA 1.2).

import { suggest } from "./api.js";
import { element } from "./element.js";

const PAUSE_MILLISECONDS = 150;

/** Make the box suggest; `choose` is called with the text that was chosen. */
export function installSuggestions(input, list, say, choose) {
  let asking = null;
  let timer = 0;
  let active = -1;

  const hide = () => {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    list.replaceChildren();
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const mark = (place) => {
    const options = [...list.children];
    active = (place + options.length + 1) % (options.length + 1);
    if (active === options.length) active = -1;
    options.forEach((option, n) => option.setAttribute("aria-selected", String(n === active)));
    if (active < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", options[active].id);
  };

  const show = (suggestions) => {
    if (!suggestions.length || document.activeElement !== input) return hide();
    active = -1;
    list.replaceChildren(
      ...suggestions.map(({ text, kind }, n) => {
        const option = element("li", { id: `suggestion-${n}`, role: "option", ariaSelected: "false" });
        option.append(element("span", {}, text), element("span", { className: "quiet" }, say().suggestionKind[kind] ?? kind));
        option.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          hide();
          choose(text);
        });
        return option;
      }),
    );
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  };

  const ask = async () => {
    asking?.abort();
    const typed = input.value.trim();
    if (!typed || typed.length > 100) return hide();
    asking = new AbortController();
    try {
      show((await suggest(typed, asking.signal)).suggestions);
    } catch (error) {
      // Suggestions are a help: without them the box works as well.
      if (error.name !== "AbortError") hide();
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MILLISECONDS);
  });
  input.addEventListener("blur", hide);
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") mark(active + 1);
    else if (event.key === "ArrowUp") mark(active < 0 ? list.children.length - 1 : active - 1);
    else if (event.key === "Escape") hide();
    else if (event.key === "Enter" && active >= 0) {
      const text = list.children[active].firstChild.textContent;
      hide();
      choose(text);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return { hide };
}
