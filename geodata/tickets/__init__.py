"""Questions to the city and wishes to join: entering, reading, changing, erasing, counting, and the mail they call for.

Entering and an office's own reads need the audience `PARTNER` (with `office=`; "" for residents and counters), the
staff's reads and changes `STAFF`, erasing by the job `AUTH`.
"""

from geodata.tickets.changing import add_note, change_state
from geodata.tickets.counting import JoinCount, join_counts
from geodata.tickets.entering import Channel, enter_referral, enter_wish
from geodata.tickets.erasing import close_answered, erase, erase_due, erase_left
from geodata.tickets.reading import (
    Detail,
    Event,
    Filters,
    Summary,
    answers,
    events,
    inbox,
    office_names,
    one,
    own,
)

__all__ = [
    "Channel",
    "Detail",
    "Event",
    "Filters",
    "JoinCount",
    "Summary",
    "add_note",
    "answers",
    "change_state",
    "close_answered",
    "enter_referral",
    "enter_wish",
    "erase",
    "erase_due",
    "erase_left",
    "events",
    "inbox",
    "join_counts",
    "office_names",
    "one",
    "own",
]
