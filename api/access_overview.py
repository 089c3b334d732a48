"""Role × kind of resource, made from the table of access and the collections: the overview in docs/ACCESS.md.

    python -m api.access_overview

prints it; a test compares the page with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from api.access_table import ACCESS
from kyodo_geo.collections import COLLECTIONS
from kyodo_geo.roles import LABELS, Role

KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Referrals and batches of partners", ("/partner", "/api/v1/referrals")),
    ("Buildings", ("/buildings", "/staff/buildings")),
    ("Counter's tickets", ("/counter",)),
    ("Tickets (staff)", ("/staff/tickets",)),
    ("Wishes to join, counts", ("/federation",)),
    ("Consented vacant houses", ("/consented-houses", "/api/v1/consented-houses")),
    ("Vacant houses (survey)", ("/staff/facilities/vacant-houses", "/api/v1/vacant-houses")),
    ("Siting", ("/facilities/siting",)),
    ("Facilities (staff)", ("/staff/facilities",)),
    ("Datasets and generations (staff)", ("/staff/datasets",)),
    ("Audit log", ("/staff/audit",)),
    ("Offices and keys", ("/staff/offices",)),
    ("Yearly returns (staff)", ("/staff/returns",)),
    ("Yearly return of one's own association (code or account)", ("/returns",)),
    ("Consultations and case sheets", ("/staff/consultations", "/staff/at-risk")),
    ("Activity cases, subsidies of others (staff)", ("/staff/cases", "/staff/subsidy-information")),
    ("Editors, drafts, records", ("/staff/plans", "/staff/projects", "/staff/records", "/staff/figures",
                                  "/staff/associations", "/staff/assignment", "/staff/drafts", "/staff/progress",
                                  "/staff/events", "/staff/event-figures")),
    ("Inquiry, papers, evaluation, next plan", ("/staff/inquiries", "/staff/bodies", "/staff/evaluation", "/staff/successor")),
    ("Meetings and documents", ("/staff/meetings", "/staff/documents")),
    ("Other staff pages and maps", ("/staff", "/maps/agreement", "/maps/grants", "/maps/halls")),
    ("Account", ("/account", "/logout")),
    ("Open to everybody: pages, maps, files, JSON, OGC", ("/",)),
)  # fmt: skip
"""What is shown as one line: the first that a path begins with."""


def kind_of(path: str) -> str:
    """The line a route belongs to."""
    for name, starts in KINDS:
        for start in starts:
            if start == "/" or path == start or path.startswith((start + "/", start + ".")):
                return name
    raise AssertionError(path)


def lines() -> Iterator[tuple[str, int, dict[Role, int]]]:
    """(kind, number of routes, how many of them each role may use) in the order of the table."""
    for name, _ in KINDS:
        routes = [roles for (_, path), roles in ACCESS.items() if kind_of(path) == name]
        if routes:
            yield name, len(routes), {role: sum(role in roles for roles in routes) for role in Role}


def _mark(number: int, all_of: int) -> str:
    return "–" if not number else "all" if number == all_of else str(number)


def overview() -> str:
    """Two Markdown tables: routes by kind, and collections that are not everybody's."""
    head = "| | n | " + " | ".join(role.value.replace("_", " ") for role in Role) + " |\n"
    head += "|---|---|" + "---|" * len(Role) + "\n"
    body = "".join(
        f"| {name} | {total} | " + " | ".join(_mark(may[role], total) for role in Role) + " |\n"
        for name, total, may in lines()
    )
    held = [item for item in COLLECTIONS.values() if item.readers != frozenset(Role)]
    body += "".join(
        f"| collection `{item.id}` | | "
        + " | ".join("read" if role in item.readers else "–" for role in Role)
        + " |\n"
        for item in held
    )
    names = ", ".join(f"{role.value} {LABELS[role]}" for role in Role)
    return f"{head}{body}\n{names}.\n"


if __name__ == "__main__":
    print(overview(), end="")
