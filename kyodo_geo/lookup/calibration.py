"""How often each kind of evidence was right. Written by bench/calibrate.py: do not edit.

Our own counts over addresses whose truth is known; where they come from is in docs/CONFIDENCE.md.
"""

from __future__ import annotations

from kyodo_geo.lookup.measured import Measured, table

TOWNS: dict[str, Measured] = table(
    """
    as_registered                  4,164   4,164 0.9990
    left_over                         12      12 0.7575
    other_name                        26      26 0.8712
    part_missing                      36      36 0.8712
    """
)
ASSOCIATIONS: dict[str, Measured] = table(
    """
    one/area/fine                  5,002   5,002 0.9992
    one/area/new_house                10      10 0.7224
    one/area/point                 5,375   5,375 0.9992
    one/area/town                     46      46 0.9229
    one/rule/fine                 10,924  10,924 0.9996
    one/rule/new_house             1,672   1,672 0.9977
    one/rule/no_point             11,178  11,190 0.9981
    one/rule/town                  1,864   1,864 0.9979
    several/area/0                     0  23,778 0.0000
    several/area/1                   281  13,146 0.0190
    several/area/2                 1,319   6,881 0.1825
    several/area/3                 2,488   3,950 0.6146
    several/area/4                 1,073   1,137 0.9229
    several/area/5                   158     158 0.9229
    several/area/unlisted_house       10      20 0.2992
    several/rule/1                    85      85 0.9567
    several/rule/2                 2,222   4,444 0.4853
    several/rule/3                   815   2,445 0.3149
    several/rule/4                   129     516 0.2145
    several/rule/5                    75     375 0.1626
    several/rule/unlisted_block    8,294  13,184 0.6208
    several/rule/unlisted_house    1,657   3,314 0.4829
    """
)
