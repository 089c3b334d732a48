// Suggestions while an address is typed: a combobox over names of towns and associations. Without scripts the form
// works by itself. What is typed goes out in the body of a POST, never in an address.
"use strict";

(() => {
  const WAIT_MS = 150;
  const LEAST = 1;

  function make(tag, properties) {
    return Object.assign(document.createElement(tag), properties);
  }

  function attach(input) {
    const list = make("ul", { id: `${input.id}-suggestions`, className: "suggestions", hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "町名、町内会・自治会、建物の候補");
    const told = make("p", { className: "visually-hidden" });
    told.setAttribute("role", "status");
    input.closest(".field-row").append(list, told);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]]) {
      input.setAttribute(name, value);
    }

    let timer = 0;
    let asked = 0;
    let active = -1;

    function close() {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function mark(index) {
      const items = [...list.children];
      active = (index + items.length) % items.length;
      items.forEach((item, at) => item.setAttribute("aria-selected", String(at === active)));
      input.setAttribute("aria-activedescendant", items[active].id);
      items[active].scrollIntoView({ block: "nearest" });
    }

    function choose(item) {
      input.value = item.dataset.text;
      close();
      told.textContent = "";
      input.focus();
      // An association and a known building are answers; a town still wants its number.
      if (item.dataset.kind !== "town") input.form.requestSubmit();
    }

    function show(suggestions) {
      list.replaceChildren(
        ...suggestions.map((suggestion, at) => {
          const item = make("li", { id: `${list.id}-${at}` });
          item.setAttribute("role", "option");
          item.setAttribute("aria-selected", "false");
          item.dataset.text = suggestion.text;
          item.dataset.kind = suggestion.kind;
          item.append(suggestion.text);
          const said = { association: "町内会・自治会", building: "物件台帳の建物" }[suggestion.kind];
          if (said) item.append(make("small", { textContent: said }));
          // `mousedown`, and no loss of focus: a click would come after the field's blur closed the list.
          item.addEventListener("mousedown", (event) => {
            event.preventDefault();
            choose(item);
          });
          return item;
        }),
      );
      active = -1;
      list.hidden = suggestions.length === 0;
      // Right under the field, over what follows: on a phone the button stands below it.
      list.style.top = `${input.offsetTop + input.offsetHeight + 4}px`;
      input.setAttribute("aria-expanded", String(suggestions.length > 0));
      input.removeAttribute("aria-activedescendant");
      told.textContent = suggestions.length ? `候補が ${suggestions.length} 件あります。矢印キーで選べます。` : "";
    }

    async function ask() {
      const text = input.value.trim();
      const mine = ++asked;
      if (text.length < LEAST) return close();
      try {
        const answer = await fetch("/lookup/suggest", {
          method: "POST",
          headers: { "Content-Type": "application/json", Accept: "application/json" },
          body: JSON.stringify({ text: text.slice(0, 40) }),
          // In a frame on another site nobody is signed in, whatever the browser would send along.
          credentials: input.dataset.suggest === "anonymous" ? "omit" : "same-origin",
        });
        if (!answer.ok || mine !== asked || document.activeElement !== input) return undefined;
        const found = await answer.json();
        // The only suggestion is what stands there already: nothing to offer.
        const rest = found.suggestions.filter((suggestion) => suggestion.text !== text);
        return show(rest);
      } catch {
        return close(); // suggestions are a help, not a need
      }
    }

    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT_MS);
    });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || list.hidden) return;
      if (event.key === "ArrowDown") mark(active + 1);
      else if (event.key === "ArrowUp") mark(active < 0 ? -1 : active - 1);
      else if (event.key === "Enter" && active >= 0) choose(list.children[active]);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
    });
    input.form.addEventListener("submit", () => {
      clearTimeout(timer);
      asked += 1;
    });
  }

  document.querySelectorAll("input[data-suggest]").forEach(attach);
})();
