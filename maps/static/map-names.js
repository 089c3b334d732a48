// Names: accessible ones for every thing on the map, and written ones where there is room.
"use strict";

(() => {
  const { plain, eachFeature, TOUCH } = KyodoMap;

  function nameFeatures(view) {
    eachFeature(view, (layer) => {
      const name = () => {
        const path = layer.getElement?.();
        if (!path) return;
        // Listeners for tooltips would make every path a tab stop; rows of the table select instead.
        path.setAttribute("tabindex", "-1");
        path.setAttribute("role", "img");
        path.setAttribute("aria-label", plain(layer.feature.properties.label));
        path.dataset.feature = layer.feature.id;
      };
      name();
      layer.on("add", name);
    });
    // A tap opens the details; a hint on top of them would stay there.
    if (TOUCH) Object.values(view.layers).forEach((layer) => layer.unbindTooltip());
    // The tooltip repeats the accessible name; read twice it would only be noise.
    view.map.on("tooltipopen", () => {
      for (const path of view.container.querySelectorAll("path[aria-describedby]")) path.removeAttribute("aria-describedby");
    });
    for (const renderer of view.container.querySelectorAll("svg")) renderer.setAttribute("focusable", "false");
  }

  function addLabels(view) {
    const labels = [];
    const areas = view.layers.districts ?? view.layers.areas;
    areas?.eachLayer((layer) => {
      const { name, label_lat: lat, label_lon: lon } = layer.feature.properties;
      if (lat === null || lon === null) return;
      const icon = L.divIcon({ className: "map-label", iconSize: null, html: `<span aria-hidden="true">${name}</span>` });
      const marker = L.marker([lat, lon], { icon, interactive: false, keyboard: false }).addTo(view.map);
      const bounds = layer.getBounds();
      const size = (bounds.getEast() - bounds.getWest()) * (bounds.getNorth() - bounds.getSouth());
      labels.push({ marker, size });
    });
    if (!labels.length) return;
    labels.sort((a, b) => b.size - a.size);
    const thin = () => {
      const taken = [];
      for (const { marker } of labels) {
        const box = marker.getElement().firstElementChild.getBoundingClientRect();
        const hit = taken.some(
          (other) =>
            box.left < other.right + 4 && other.left < box.right + 4 && box.top < other.bottom && other.top < box.bottom,
        );
        marker.getElement().classList.toggle("is-crowded", hit);
        if (!hit) taken.push(box);
      }
    };
    view.map.on("zoomend resize", () => requestAnimationFrame(thin));
    thin();
  }

  Object.assign(KyodoMap, { nameFeatures, addLabels });
})();
