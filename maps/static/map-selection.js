// Choosing a thing, by its row or on the map: highlight, details, where the focus goes and returns to.
"use strict";

(() => {
  const { plain, eachFeature, REDUCED, SINGULAR } = KyodoMap;

  function addSelection(view) {
    const { map, container } = view;
    const rows = [...document.querySelectorAll(".row-select")].filter((button) => rowLayer(view, button));
    const found = new Map();
    eachFeature(view, (layer, name) => found.set(`${name}/${layer.feature.id}`, layer));
    view.selected = null;
    view.popup = null;
    let origin = null; // where the focus goes back to
    let asked = false; // whether closing was asked for by key

    const mark = (key, on) => {
      found.get(key)?.getElement?.()?.classList.toggle("is-selected", on);
      for (const button of rows) {
        if (`${rowLayer(view, button)}/${button.dataset.feature}` !== key) continue;
        button.setAttribute("aria-pressed", String(on));
        button.closest("tr").classList.toggle("is-selected", on);
      }
    };

    /** Selects a thing by key (layer/id); `from` is the row button that asked. False for an unknown one. */
    view.select = (key, { from = null, record = true } = {}) => {
      const layer = found.get(key);
      if (!layer) return false;
      view.show?.(key.split("/")[0], true);
      if (view.selected && view.selected !== key) quietly(() => map.closePopup());
      if (from) bring(layer);
      origin = from;
      const { label_lat: lat, label_lon: lon } = layer.feature.properties;
      const at = lat && lon ? L.latLng(lat, lon) : (layer.getLatLng?.() ?? layer.getBounds().getCenter());
      layer.fire("click", { latlng: at }, true); // folium binds one popup to the whole layer
      if (from) {
        view.frame.scrollIntoView({ block: "nearest", behavior: REDUCED ? "auto" : "smooth" });
        view.popup?.getElement()?.focus({ preventScroll: true });
      }
      if (record) view.remember?.(true);
      return true;
    };

    const quietly = (act) => {
      view.silent = true;
      act();
      view.silent = false;
    };

    const bring = (layer) => {
      if (layer.getBounds) {
        map.fitBounds(layer.getBounds(), { maxZoom: Math.max(13, map.getZoom()), padding: [40, 40], animate: false });
      } else {
        map.setView(layer.getLatLng(), Math.max(14, map.getZoom()), { animate: false });
      }
    };

    map.on("popupopen", ({ popup }) => {
      const layer = popup._source;
      const name = Object.keys(SINGULAR).find((candidate) => view.layers[candidate]?.hasLayer(layer));
      if (!name) return;
      view.popup = popup;
      const key = `${name}/${layer.feature.id}`;
      if (view.selected && view.selected !== key) mark(view.selected, false);
      view.selected = key;
      const path = layer.getElement?.();
      const focused = path && path === document.activeElement;
      layer.bringToFront?.();
      if (focused) path.focus({ preventScroll: true }); // moved in the document, it would lose the focus
      view.layers[name].closeTooltip();
      mark(key, true);
      const box = popup.getElement();
      box.setAttribute("role", "dialog");
      box.setAttribute("aria-label", `${plain(layer.feature.properties.title)}の詳細`);
      box.tabIndex = -1;
      const close = box.querySelector(".leaflet-popup-close-button");
      close?.setAttribute("aria-label", "閉じる");
      close?.setAttribute("title", "閉じる");
      for (const header of box.querySelectorAll("th")) header.scope = "row";
      addPageLink(box, name, layer);
      view.remember?.(true);
    });

    map.on("popupclose", ({ popup }) => {
      const hadFocus = popup.getElement()?.contains(document.activeElement) || document.activeElement === document.body;
      if (view.selected) mark(view.selected, false);
      view.selected = null;
      view.popup = null;
      const back = origin ?? container;
      const move = (hadFocus || asked) && !view.silent;
      origin = null;
      asked = false;
      if (view.silent) return;
      view.remember?.(true);
      // Leaflet removes the popup only after this event; the focus must not go down with it.
      if (move) requestAnimationFrame(() => back.focus({ preventScroll: back === container }));
    });

    const onEscape = (event) => {
      if (event.key !== "Escape") return;
      const inside = container.contains(event.target);
      if (!inside && event.target.closest?.("select")) return; // there it closes the list of choices
      for (const layer of Object.values(view.layers)) layer.closeTooltip();
      if (!view.selected) return;
      asked = inside; // from elsewhere, such as a row button, the focus stays where it is
      map.closePopup();
      event.stopPropagation();
    };
    // On the whole page, since the details may stay open while the focus has gone on; and before Leaflet's own
    // handler, which knows nothing of where the focus came from.
    document.addEventListener("keydown", onEscape, { capture: true });

    for (const button of rows) {
      button.hidden = false;
      button.addEventListener("click", () => {
        if (button.getAttribute("aria-pressed") === "true") {
          map.closePopup();
        } else {
          view.select(`${rowLayer(view, button)}/${button.dataset.feature}`, { from: button });
        }
      });
    }
  }

  /** The details of a district or association lead to its page: the row of the table knows where that is. */
  function addPageLink(box, name, layer) {
    const row = document.querySelector(`table[data-layer="${name}"] tr[data-key="${CSS.escape(layer.feature.id)}"] th a`);
    const content = box.querySelector(".leaflet-popup-content");
    if (!row || !content || content.querySelector(".map-page-link")) return;
    const link = KyodoMap.element("a", { href: row.href, textContent: `${row.textContent}のページを開く` });
    content.append(KyodoMap.element("p", { className: "map-page-link" }, link));
    // So do documents that the row links to: details drawn by the map hold no links of their own.
    for (const other of row.closest("tr").querySelectorAll("td a")) {
      const text = `${other.textContent}を開く`;
      const copy = KyodoMap.element("a", { href: other.href, rel: "noopener noreferrer", textContent: text });
      content.append(KyodoMap.element("p", { className: "map-page-link" }, copy));
    }
  }

  const rowLayer = (view, button) => {
    const name = button.closest("table")?.dataset.layer;
    return name && view.layers[name] ? name : null;
  };

  function addToggles(view) {
    const box = view.stage.querySelector(".map-toggles");
    if (!box) return;
    const inputs = [...box.querySelectorAll("[data-toggle]")].filter((input) => view.layers[input.dataset.toggle]);
    const apply = (input) => {
      const name = input.dataset.toggle;
      if (input.checked) view.layers[name].addTo(view.map);
      else view.layers[name].remove();
      // Lines of the legend come and go with their layer.
      for (const line of view.stage.parentElement.querySelectorAll(`.legend li[data-overlay="${name}"]`)) {
        line.hidden = !input.checked;
      }
    };
    const atFirst = new Map(inputs.map((input) => [input, input.defaultChecked]));
    view.shown = () => inputs.filter((input) => input.checked).map((input) => input.dataset.toggle);
    view.shownAsAtFirst = () => inputs.every((input) => input.checked === atFirst.get(input));
    view.show = (name, on) => {
      const input = inputs.find((candidate) => candidate.dataset.toggle === name);
      if (!input || input.checked === on) return;
      input.checked = on;
      apply(input);
    };
    view.canShow = (name) => inputs.some((input) => input.dataset.toggle === name);
    view.showOnly = (names) => inputs.forEach((input) => view.show(input.dataset.toggle, names.includes(input.dataset.toggle)));
    view.showAsAtFirst = () => inputs.forEach((input) => view.show(input.dataset.toggle, atFirst.get(input)));
    for (const input of inputs) {
      input.checked = atFirst.get(input);
      apply(input);
      input.addEventListener("change", () => {
        apply(input);
        view.remember?.(true);
      });
    }
    box.hidden = inputs.length === 0;
  }

  Object.assign(KyodoMap, { addSelection, addToggles });
})();
