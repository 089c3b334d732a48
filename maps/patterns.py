"""Hatches, so that no class is told by colour alone: SVG patterns that map and legend share.

A pattern is named by the document's own fragment (`fill="url(#…)"`), so the definitions must stand in the same
page, before the map.
"""

from __future__ import annotations

from markupsafe import Markup

from maps.palettes import MISSING, NO, OUTLINE, YES

NO_DATA = "url(#hatch-missing)"
WITHHELD = "url(#hatch-withheld)"
ADOPTED = "url(#hatch-adopted)"
NOT_ADOPTED = NO

DEFINITIONS = Markup(
    '<svg class="map-patterns" width="0" height="0" aria-hidden="true" focusable="false"><defs>'
    '<pattern id="hatch-missing" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="8" height="8" fill="{missing}"/><rect width="2" height="8" fill="{ink}"/></pattern>'
    '<pattern id="hatch-withheld" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<rect width="8" height="8" fill="{missing}"/><circle cx="4" cy="4" r="1.8" fill="{ink}"/></pattern>'
    '<pattern id="hatch-adopted" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">'
    '<rect width="10" height="10" fill="{yes}"/><rect width="2.5" height="10" fill="#ffffff"/></pattern>'
    "</defs></svg>"
).format(missing=MISSING, ink=OUTLINE, yes=YES)
