// A link for every view: place, zoom, selection and layers stand after the # of the address.
"use strict";

(() => {
  const { SINGULAR } = KyodoMap;
  const BAD_LINK = "リンクの一部を読み取れなかったため、はじめの表示にしています。";

  /** #map=12/39.7012/141.1500&district=5&facility=F3&layers=reach ; everything may be missing. */
  function readHash(hash) {
    const given = new URLSearchParams(hash.replace(/^#/, ""));
    const state = { broken: false };
    const place = given.get("map");
    if (place !== null) {
      const [zoom, lat, lon] = place.split("/").map(Number);
      const fits = zoom >= 1 && zoom <= 20 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180;
      if (fits) Object.assign(state, { zoom, lat, lon });
      else state.broken = true;
    }
    for (const [name, key] of Object.entries(SINGULAR)) {
      if (given.has(key)) state.selected = `${name}/${given.get(key)}`;
    }
    if (given.has("layers")) state.layers = given.get("layers").split(",").filter(Boolean);
    return state;
  }

  function writeHash(view) {
    const at = view.map.getCenter();
    const parts = [`map=${Number(view.map.getZoom().toFixed(2))}/${at.lat.toFixed(5)}/${at.lng.toFixed(5)}`];
    if (view.selected) {
      const [name, id] = view.selected.split("/");
      parts.push(`${SINGULAR[name]}=${encodeURIComponent(id)}`);
    }
    if (view.shown && !view.shownAsAtFirst()) parts.push(`layers=${view.shown().join(",")}`);
    return `#${parts.join("&")}`;
  }

  function keepLink(view) {
    if ("picker" in view.frame.dataset || view.frame.dataset.lat) return; // a place asked for leaves no trace
    const start = { center: view.map.getCenter(), zoom: view.map.getZoom() };
    let applying = true;
    const keepers = document.querySelectorAll("form[data-keep-view]");
    const elsewhere = document.querySelectorAll("a[data-keep-view]");
    /** Forms lead back to this map with all its layers, links to another one: that gets place and district alone. */
    const hand = (hash) => {
      for (const form of keepers) form.action = form.getAttribute("action").split("#")[0] + hash;
      const common = hash.replace(/[#&](layers|place|facility)=[^&]*/g, "").replace(/^&?/, "#").replace("##", "#");
      for (const link of elsewhere) link.hash = common;
    };

    const apply = (hash) => {
      const ours = /(^#|&)(map|district|association|facility|place|area|layers)=/.test(hash);
      if (hash && hash !== "#" && !ours) return; // a heading on this page
      applying = true;
      view.silent = true;
      const state = readHash(hash);
      if (state.zoom !== undefined && !view.whole.pad(2).contains([state.lat, state.lon])) {
        delete state.zoom; // far away there is nothing to see
        state.broken = true;
      }
      if (state.layers?.some((name) => !view.canShow?.(name))) state.broken = true;
      if (state.layers) view.showOnly?.(state.layers);
      else view.showAsAtFirst?.();
      if (state.zoom !== undefined) view.map.setView([state.lat, state.lon], state.zoom, { animate: false });
      else view.map.setView(start.center, start.zoom, { animate: false });
      view.map.closePopup();
      if (state.selected) {
        const known = view.select(state.selected, { record: false });
        state.broken ||= !known;
        // Opening a popup may move the map; the link says where it was.
        if (known && state.zoom !== undefined) view.map.setView([state.lat, state.lon], state.zoom, { animate: false });
      }
      if (state.broken) view.say(BAD_LINK);
      view.silent = false;
      applying = false;
    };

    let timer = 0;
    let isStep = false;
    const write = () => {
      const next = writeHash(view);
      // Selections and layers are steps to go back to; moving the map is not.
      if (next !== location.hash) history[isStep ? "pushState" : "replaceState"](null, "", next);
      isStep = false;
      hand(next);
    };
    view.remember = (step) => {
      if (applying) return;
      isStep ||= step; // one step for all that happens at once: one thing closes, another opens, the map moves
      clearTimeout(timer);
      timer = setTimeout(write, isStep ? 0 : 150);
    };
    view.map.on("moveend", () => view.remember(false));
    window.addEventListener("popstate", () => apply(location.hash));
    apply(location.hash);
    // A link's view goes on to the form's next page, also before anything is moved.
    if (location.hash) hand(location.hash);
  }

  Object.assign(KyodoMap, { keepLink });
})();
