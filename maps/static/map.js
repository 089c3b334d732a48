// Puts our behaviour onto what folium's script has drawn. Loaded last.
"use strict";

(() => {
  function setUp(frame) {
    const host = frame.querySelector(".map");
    const map = host && window[host.dataset.map];
    if (!window.L || !(map instanceof L.Map)) return;
    const layers = {};
    for (const name of host.dataset.layers.split(" ")) {
      const layer = window[`geo_json_${name}`];
      if (layer) layers[name] = layer;
    }
    const [west, south, east, north] = host.dataset.bounds.split(",").map(Number);
    const whole = L.latLngBounds([south, west], [north, east]);
    const stage = frame.parentElement;
    const say = (text) => {
      stage.querySelector(".map-message").textContent = text;
    };
    const view = { frame, stage, map, layers, whole, say, container: map.getContainer() };

    map.setMinZoom(6);
    map.attributionControl.setPrefix("Leaflet");
    view.container.setAttribute("role", "application");
    view.container.setAttribute("aria-label", `${host.dataset.label}。矢印キーで移動、プラスとマイナスで拡大と縮小。`);
    frame.classList.add("is-ready");

    KyodoMap.addTools(view);
    KyodoMap.passScrolling(view);
    KyodoMap.nameFeatures(view);
    KyodoMap.addLabels(view);
    KyodoMap.addSelection(view);
    KyodoMap.addToggles(view);
    KyodoMap.watchTiles(view);
    KyodoMap.showPoint(view);
    KyodoMap.addPicker(view);
    KyodoMap.keepLink(view);
    KyodoMap.prepareForPaper(view);
  }

  document.querySelectorAll(".map-frame").forEach(setUp);
})();
