// Buttons to move and zoom (nothing needs dragging), and a page that scrolls past the map.
"use strict";

(() => {
  const { element, REDUCED, TOUCH } = KyodoMap;

  function addTools(view) {
    const { map, whole } = view;
    const move = (x, y) => () => map.panBy([x * 120, y * 120], { animate: !REDUCED });
    const button = (text, label, act, className = "") => {
      const made = element("button", { type: "button", className, title: label, textContent: text });
      made.setAttribute("aria-label", label);
      made.addEventListener("click", act);
      return made;
    };
    const zoomIn = button("＋", "拡大", () => map.zoomIn(1, { animate: !REDUCED }));
    const zoomOut = button("−", "縮小", () => map.zoomOut(1, { animate: !REDUCED }));
    const home = button("全体", "全体を表示", () => map.fitBounds(whole, { padding: [12, 12] }), "map-tools-word");
    const zoom = element("div", { className: "map-tools-zoom" }, zoomIn, zoomOut, home);
    const pan = element(
      "div",
      { className: "map-tools-pan" },
      button("←", "左へ移動", move(-1, 0)),
      button("↑", "上へ移動", move(0, -1)),
      button("↓", "下へ移動", move(0, 1)),
      button("→", "右へ移動", move(1, 0)),
    );
    const tools = element("div", { className: "map-tools" }, zoom, pan);
    tools.setAttribute("role", "toolbar");
    tools.setAttribute("aria-label", "地図の操作");
    if (TOUCH) tools.append(element("div", { className: "map-tools-touch" }, touchButton(view)));

    // One tab stop for all; arrow keys go from button to button.
    const buttons = [...tools.querySelectorAll("button")];
    const enter = (chosen) => buttons.forEach((other) => (other.tabIndex = other === chosen ? 0 : -1));
    enter(buttons[0]);
    tools.addEventListener("focusin", (event) => enter(event.target));
    tools.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const at = buttons.indexOf(event.target);
      if (step && at >= 0) {
        buttons[(at + step + buttons.length) % buttons.length].focus();
        event.preventDefault();
      }
      event.stopPropagation();
    });
    const limits = () => {
      zoomIn.setAttribute("aria-disabled", String(map.getZoom() >= map.getMaxZoom()));
      zoomOut.setAttribute("aria-disabled", String(map.getZoom() <= map.getMinZoom()));
    };
    map.on("zoomend", limits);
    limits();
    view.frame.querySelector(".map").append(tools);
  }

  function touchButton(view) {
    const made = element("button", { type: "button", className: "map-tools-word", textContent: "1本指で動かす" });
    made.setAttribute("aria-pressed", "false");
    made.addEventListener("click", () => {
      const on = made.getAttribute("aria-pressed") !== "true";
      made.setAttribute("aria-pressed", String(on));
      view.map.dragging[on ? "enable" : "disable"]();
    });
    return made;
  }

  /** The page scrolls past the map: a wheel zooms only a map that has the focus, one finger moves the page. */
  function passScrolling(view) {
    const { map, container, frame } = view;
    container.addEventListener("focusin", () => map.scrollWheelZoom.enable());
    container.addEventListener("focusout", () => map.scrollWheelZoom.disable());
    container.addEventListener("mouseleave", () => map.scrollWheelZoom.disable());
    if (!TOUCH) return;
    map.dragging.disable();
    const hint = element("p", { className: "map-two-fingers", hidden: true, textContent: "地図は2本の指で動かせます" });
    hint.setAttribute("aria-hidden", "true");
    frame.append(hint);
    let timer = 0;
    container.addEventListener(
      "touchmove",
      (event) => {
        if (event.touches.length > 1 || map.dragging.enabled()) return;
        hint.hidden = false;
        clearTimeout(timer);
        timer = setTimeout(() => (hint.hidden = true), 900);
      },
      { passive: true },
    );
  }

  Object.assign(KyodoMap, { addTools, passScrolling });
})();
