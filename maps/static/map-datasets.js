// Maps of the datasets pages: numbered findings, and two maps of the same ground that move together.
// Loaded after the parts that every map has and before map.js.
"use strict";

(() => {
  Object.assign(KyodoMap.SINGULAR, { faults: "fault", before: "before", after: "after" });

  const { addLabels, keepLink } = KyodoMap;
  const views = [];

  /** Numbers stand in their circles whatever the zoom; where circles lie upon each other the table tells them apart. */
  KyodoMap.addLabels = (view) => {
    views.push(view);
    if (!view.layers.faults) return addLabels(view);
    view.layers.faults.eachLayer((layer) => {
      const icon = L.divIcon({
        className: "map-label fault-number",
        iconSize: null,
        html: `<span aria-hidden="true">${layer.feature.properties.name}</span>`,
      });
      L.marker(layer.getLatLng(), { icon, interactive: false, keyboard: false }).addTo(view.map);
    });
  };

  // One address for both maps: the first writes it, and the second follows the first.
  KyodoMap.keepLink = (view) => {
    if (!view.frame.closest(".map-twins") || view === twinsOf(view)[0]) keepLink(view);
    const twins = twinsOf(view);
    if (twins.length === 2 && view === twins[1]) link(twins[0], twins[1]);
  };

  const twinsOf = (view) => {
    const box = view.frame.closest(".map-twins");
    return box ? views.filter((other) => box.contains(other.frame)) : [];
  };

  function link(first, second) {
    let following = false;
    const follow = (from, to) => {
      from.map.on("move zoom", () => {
        if (following) return;
        following = true;
        to.map.setView(from.map.getCenter(), from.map.getZoom(), { animate: false });
        following = false;
      });
      // What is chosen on one side is outlined on the other.
      const outline = (on) => (event) => {
        const id = event.popup._source?.feature?.id;
        if (id === undefined) return;
        for (const path of to.container.querySelectorAll("path[data-feature]")) {
          if (path.dataset.feature === String(id)) path.classList.toggle("is-selected", on);
        }
      };
      from.map.on("popupopen", outline(true));
      from.map.on("popupclose", outline(false));
    };
    follow(first, second);
    follow(second, first);
    second.map.setView(first.map.getCenter(), first.map.getZoom(), { animate: false });
  }
})();
