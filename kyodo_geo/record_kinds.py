"""Every kind of record with a page under /staff/records or one like it."""

from __future__ import annotations

from kyodo_geo.body_kinds import BODY_KINDS
from kyodo_geo.centres.kinds import DISPATCHES, TOPICS
from kyodo_geo.plan_kinds import PLAN_KINDS
from kyodo_geo.records import KINDS
from kyodo_geo.sharing.kinds import SHARING_KINDS

ALL_KINDS = {
    **KINDS,
    **PLAN_KINDS,
    **BODY_KINDS,
    **{kind.key: kind for kind in (TOPICS, DISPATCHES)},
    **SHARING_KINDS,
}
