// Tiles that fail, the place that was asked for, picking a place, and the map on paper.
"use strict";

(() => {
  const NO_TILES = "背景地図を表示できません。区域と表はそのまま使えます。";

  function watchTiles(view) {
    view.map.eachLayer((layer) => {
      if (!(layer instanceof L.TileLayer)) return;
      let loaded = 0;
      layer.on("tileload", () => {
        loaded += 1;
        if (loaded === 1) view.say("");
      });
      layer.on("tileerror", () => {
        if (loaded === 0) view.say(NO_TILES);
      });
      // Tiles may have come or failed before we began to listen.
      const tiles = [...(layer.getContainer()?.querySelectorAll("img") ?? [])].filter((tile) => tile.complete);
      loaded += tiles.filter((tile) => tile.naturalWidth > 0).length;
      if (loaded === 0 && tiles.length > 0) view.say(NO_TILES);
    });
  }

  const placeIcon = () =>
    L.divIcon({
      className: "map-place",
      iconSize: [28, 28],
      html:
        '<svg viewBox="0 0 28 28" width="28" height="28" aria-hidden="true"><circle cx="14" cy="14" r="11" fill="#fff" ' +
        'stroke="#10151c" stroke-width="4"/><circle cx="14" cy="14" r="4" fill="#10151c"/></svg>',
    });

  function placeMarker(at) {
    return L.marker(at, { icon: placeIcon(), interactive: false, keyboard: false });
  }

  function showPoint(view) {
    const lat = Number.parseFloat(view.frame.dataset.lat);
    const lon = Number.parseFloat(view.frame.dataset.lon);
    if (!Number.isFinite(lat) || !Number.isFinite(lon)) return;
    placeMarker([lat, lon]).addTo(view.map);
    if (!view.layers.areas) view.map.setView([lat, lon], 15, { animate: false });
    else if (!view.whole.contains([lat, lon])) {
      view.map.fitBounds(view.whole.extend([lat, lon]), { padding: [24, 24], animate: false });
    }
  }

  function addPicker(view) {
    if (!("picker" in view.frame.dataset)) return;
    const lon = document.getElementById("lon");
    const lat = document.getElementById("lat");
    let marker = null;
    const pick = (at) => {
      marker ??= placeMarker(at).addTo(view.map);
      marker.setLatLng(at);
      lon.value = at.lng.toFixed(6);
      lat.value = at.lat.toFixed(6);
      view.say("経度と緯度を入れました。「この場所で調べる」を押してください。");
    };
    view.map.on("click", (event) => pick(event.latlng));
    // The districts are there to find one's way: a click on one is a click on the place under it.
    view.layers.areas?.unbindPopup().on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      pick(event.latlng);
    });
    view.container.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === view.container) pick(view.map.getCenter());
    });
    view.frame.closest("details")?.addEventListener("toggle", () => {
      view.map.invalidateSize();
      if (!marker) view.map.fitBounds(view.whole, { padding: [12, 12], animate: false });
    });
  }

  function prepareForPaper(view) {
    let before = null;
    window.addEventListener("beforeprint", () => {
      before = { center: view.map.getCenter(), zoom: view.map.getZoom() };
      // The size of the printed map (map.css), which the layout takes on only afterwards: 172 × 108 mm at 96 dpi.
      Object.assign(view.container.style, { width: "650px", height: "408px" });
      view.map.invalidateSize({ animate: false });
      view.map.fitBounds(view.whole, { padding: [8, 8], animate: false });
    });
    window.addEventListener("afterprint", () => {
      Object.assign(view.container.style, { width: "", height: "" });
      view.map.invalidateSize({ animate: false });
      if (before) view.map.setView(before.center, before.zoom, { animate: false });
    });
  }

  Object.assign(KyodoMap, { watchTiles, showPoint, addPicker, prepareForPaper });
})();
