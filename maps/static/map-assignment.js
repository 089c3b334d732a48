// Choosing small areas on the map: a click ticks the area's box in the form. The table alone does the same.
"use strict";

(() => {
  const form = document.getElementById("assign");
  const host = form?.querySelector(".map");
  const map = host && window[host.dataset.map];
  const layer = window.geo_json_small;
  if (!window.L || !(map instanceof L.Map) || !layer) return;
  const { plain, element } = KyodoMap;
  const list = document.getElementById("assign-area");
  const none = document.getElementById("chosen-none");
  const pending = JSON.parse(list.dataset.pending);
  const message = form.querySelector(".map-message");
  const areas = new Map();
  const base = new Map();

  const boxes = () => [...form.querySelectorAll("input[name=area]")];
  const boxOf = (key) => boxes().find((box) => box.dataset.key === key);
  const seen = (area) => pending[area.feature.id] ?? area.feature.properties.no ?? "";

  const paint = (key) => {
    const area = areas.get(key);
    if (!area) return;
    const chosen = Boolean(boxOf(key)?.checked);
    const changed = key in pending;
    const fill = chosen ? "#10151c" : changed ? "#e66101" : base.get(key);
    area.setStyle({ fillColor: fill, fillOpacity: chosen || changed ? 0.55 : 0.65, weight: chosen ? 2.5 : 0.8 });
    area.getElement()?.classList.toggle("is-chosen", chosen);
  };

  const undo = document.getElementById("assign-undo");
  const most = Number(undo.dataset.most);
  const steps = []; // keys in the order in which they were ticked or unticked
  let walking = false;

  const count = () => {
    const number = boxes().filter((box) => box.checked).length;
    none.hidden = number > 0;
    none.textContent = "まだ選んでいません。";
    const over = number > most ? `一度に変えられるのは ${most} か所までです。` : "";
    message.textContent = number ? `${number} か所を選んでいます。${over}` : "";
    undo.hidden = number === 0 && steps.length === 0;
    undo.querySelector("[data-undo]").disabled = steps.length === 0;
    undo.querySelector("[data-clear]").disabled = number === 0;
  };

  const toggle = (area) => {
    const key = String(area.feature.id);
    let box = boxOf(key);
    if (!box) {
      box = element("input", { type: "checkbox", name: "area", value: `${key}:${seen(area)}` });
      box.dataset.key = key;
      const name = element("span", { textContent: plain(area.feature.properties.hint) });
      list.append(element("li", {}, element("label", { className: "check" }, box, name)));
    }
    box.checked = !box.checked;
    if (!walking) steps.push(key);
    if (!box.checked && list.contains(box)) box.closest("li").remove();
    paint(key);
    count();
  };

  layer.eachLayer((area) => {
    const key = String(area.feature.id);
    areas.set(key, area);
    base.set(key, plain(area.feature.properties.fill));
    area.on("click", () => toggle(area));
    const path = area.getElement();
    if (path) {
      path.setAttribute("tabindex", "-1"); // the table is the way by keyboard
      path.setAttribute("role", "img");
      path.setAttribute("aria-label", plain(area.feature.properties.hint));
      path.dataset.feature = key;
    }
    paint(key);
  });
  form.addEventListener("change", ({ target }) => {
    if (target.name !== "area") return;
    steps.push(target.dataset.key);
    paint(target.dataset.key);
    if (!target.checked && list.contains(target)) {
      target.closest("li").remove();
      list.focus(); // the focus must not go down with the box
    }
    count();
  });
  undo.addEventListener("click", ({ target }) => {
    if (target.matches("[data-undo]")) {
      walking = true;
      const area = areas.get(steps.pop());
      if (area) toggle(area);
      walking = false;
    } else if (target.matches("[data-clear]")) {
      for (const box of boxes().filter((one) => one.checked)) {
        const area = areas.get(box.dataset.key);
        if (area) toggle(area);
      }
    }
    if (undo.hidden || target.disabled) list.focus(); // the focus must not go down with the button
    count();
  });
  count();

  // A link says where to look; without one it is the district that the table lists.
  const listed = [...document.querySelectorAll("#areas [data-key]")].map((box) => areas.get(box.dataset.key));
  const shapes = listed.filter(Boolean);
  if (shapes.length && !location.hash) map.fitBounds(L.featureGroup(shapes).getBounds(), { padding: [24, 24], animate: false });
})();
