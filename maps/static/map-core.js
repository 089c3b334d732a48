// What the parts of our map script share. Each part adds functions to KyodoMap; map.js calls them last.
"use strict";

globalThis.KyodoMap = {
  /** Layers whose things can be selected, with the name of one in links. */
  SINGULAR: { districts: "district", associations: "association", facilities: "facility", places: "place", areas: "area" },
  REDUCED: matchMedia("(prefers-reduced-motion: reduce)").matches,
  TOUCH: matchMedia("(hover: none) and (pointer: coarse)").matches,

  /** Text of an escaped property. Parsing a document runs nothing. */
  plain(escaped) {
    return new DOMParser().parseFromString(String(escaped ?? ""), "text/html").body.textContent;
  },

  element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  },

  /** Calls visit(layer, name of its group) for every selectable thing. */
  eachFeature(view, visit) {
    for (const name of Object.keys(KyodoMap.SINGULAR)) {
      view.layers[name]?.eachLayer((layer) => visit(layer, name));
    }
  },
};
