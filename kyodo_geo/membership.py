"""Membership rates."""

from __future__ import annotations


def membership_rate(member_households: int | None, households: int | None) -> float | None:
    """Member households / households, 0–1; None when either is unknown or nobody lives there."""
    if member_households is None or not households:
        return None
    return member_households / households
