"""Hatches, so that no class is told by colour alone: SVG patterns that map and legend share.

A pattern is named by the document's own fragment (`fill="url(#…)"`), so the definitions must stand in the same
page, before the map.
"""

from __future__ import annotations

from markupsafe import Markup

from maps.palettes import MISSING, NO, OUTLINE, YES, YLGNBU, YLORBR

NO_DATA = "url(#hatch-missing)"
WITHHELD = "url(#hatch-withheld)"
ADOPTED = "url(#hatch-adopted)"
REVISED = "url(#hatch-revised)"
IN_PREPARATION = "url(#hatch-in-preparation)"
EXPIRED = "url(#hatch-expired)"
AT_RISK = "url(#hatch-at-risk)"
NOT_ADOPTED = NO

DEFINITIONS = Markup(
    '<svg class="map-patterns" width="0" height="0" aria-hidden="true" focusable="false"><defs>'
    '<pattern id="hatch-missing" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="8" height="8" fill="{missing}"/><rect width="2" height="8" fill="{ink}"/></pattern>'
    '<pattern id="hatch-withheld" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<rect width="8" height="8" fill="{missing}"/><circle cx="4" cy="4" r="1.8" fill="{ink}"/></pattern>'
    '<pattern id="hatch-adopted" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">'
    '<rect width="10" height="10" fill="{yes}"/><rect width="2.5" height="10" fill="#ffffff"/></pattern>'
    '<pattern id="hatch-revised" width="10" height="10" patternUnits="userSpaceOnUse">'
    '<rect width="10" height="10" fill="{deep}"/><path d="M0 5h10M5 0v10" stroke="#ffffff" stroke-width="1.6"/></pattern>'
    '<pattern id="hatch-in-preparation" width="9" height="9" patternUnits="userSpaceOnUse">'
    '<rect width="9" height="9" fill="{warm}"/><circle cx="4.5" cy="4.5" r="1.7" fill="{ink}"/></pattern>'
    '<pattern id="hatch-expired" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<rect width="8" height="8" fill="#ffffff"/><rect width="8" height="2.4" fill="{ink}"/></pattern>'
    '<pattern id="hatch-at-risk" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="10" height="10" fill="{hot}"/><rect width="2.5" height="10" fill="#ffffff"/></pattern>'
    "</defs></svg>"
).format(missing=MISSING, ink=OUTLINE, yes=YES, deep=YLGNBU[4], warm=YLORBR[1], hot=YLORBR[3])
