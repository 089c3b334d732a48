"""How often each kind of evidence was right. Written by bench/calibrate.py: do not edit.

Our own counts over addresses whose truth is known; where they come from is in docs/CONFIDENCE.md.
"""

from __future__ import annotations

from kyodo_geo.lookup.measured import Measured, table

TOWNS: dict[str, Measured] = table(
    """
    as_registered      4,155   4,155 0.9990
    left_over              3       3 0.4385
    loose_name            24      24 0.8620
    other_name            26      26 0.8712
    part_missing          15      15 0.7961
    """
)
ASSOCIATIONS: dict[str, Measured] = table(
    """
    one/area/fine      5,002   5,002 0.9992
    one/area/point     5,375   5,375 0.9992
    one/area/town         46      46 0.9229
    one/rule/fine     10,940  10,940 0.9996
    one/rule/no_point  11,297  11,309 0.9981
    one/rule/town      1,982   1,982 0.9980
    several/area/0         0  23,778 0.0000
    several/area/1       281  13,146 0.0190
    several/area/2     1,319   6,881 0.1825
    several/area/3     2,488   3,950 0.6146
    several/area/4     1,073   1,137 0.9229
    several/area/5       158     158 0.9229
    several/rule/1        85      85 0.9567
    several/rule/2     2,222   4,444 0.4853
    several/rule/3       815   2,445 0.3149
    several/rule/4       129     516 0.2145
    several/rule/5        75     375 0.1626
    """
)
