"""Cover tables (clients × sites, True where the site is near enough) made small before a solver sees them."""

from __future__ import annotations

import numpy as np

#: Rows whose pairs are compared at once.
STRIP = 2048


def merged(cover: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows that are equal, as one: (the first row of each kind, for each row the number of its kind)."""
    packed = np.ascontiguousarray(np.packbits(cover, axis=1))
    keys = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, kind = np.unique(keys, return_index=True, return_inverse=True)
    # In the order of the rows, not of the bytes: what follows then depends on the input alone.
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return first[order], place[kind]


def needed_rows(cover: np.ndarray, times: np.ndarray | None = None) -> np.ndarray:
    """Rows that matter: a row is met by itself when another one whose sites it contains is met (as many `times`)."""
    sizes = cover.sum(axis=1).astype(np.float32)
    table = cover.astype(np.float32)
    drop = np.zeros(len(cover), dtype=bool)
    numbers = np.arange(len(cover))
    for top in range(0, len(cover), STRIP):
        part = slice(top, top + STRIP)
        inside = table[part] @ table.T == sizes[None, :]
        if times is not None:
            inside &= times[None, :] >= times[part, None]
        equal = inside & (sizes[None, :] == sizes[part, None])
        if times is not None:
            equal &= times[None, :] == times[part, None]
        inside &= ~equal | (numbers[None, :] < numbers[part, None])
        inside[np.arange(len(inside)), numbers[part]] = False
        drop[part] = inside.any(axis=1)
    return np.flatnonzero(~drop)


def needed_sites(cover: np.ndarray, prices: np.ndarray) -> np.ndarray:
    """Sites that matter: one is never needed when another covers as much for no more (of equals the lowest number stays)."""
    sizes = cover.sum(axis=0).astype(np.float32)
    table = cover.T.astype(np.float32)
    drop = np.zeros(len(table), dtype=bool)
    numbers = np.arange(len(table))
    for top in range(0, len(table), STRIP):
        part = slice(top, top + STRIP)
        inside = (table[part] @ table.T == sizes[part, None]) & (prices[None, :] <= prices[part, None])
        equal = inside & (sizes[None, :] == sizes[part, None]) & (prices[None, :] == prices[part, None])
        inside &= ~equal | (numbers[None, :] < numbers[part, None])
        inside[np.arange(len(inside)), numbers[part]] = False
        drop[part] = inside.any(axis=1)
    return np.flatnonzero(~drop)


def core(cover: np.ndarray, prices: np.ndarray, *, sites_too: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Rows and sites that are left when everything needless is taken out, again and again."""
    rows, _ = merged(cover)
    sites = np.arange(cover.shape[1])
    while True:
        before = (len(rows), len(sites))
        rows = rows[needed_rows(cover[np.ix_(rows, sites)])]
        if sites_too:
            sites = sites[needed_sites(cover[np.ix_(rows, sites)], prices[sites])]
        if (len(rows), len(sites)) == before:
            return rows, sites


def greedy(cover: np.ndarray, prices: np.ndarray) -> np.ndarray:
    """A cover: again and again the site that covers most that is not covered yet, per price; then what is needless goes out."""
    open_rows = np.ones(len(cover), dtype=bool)
    chosen: list[int] = []
    cost = np.maximum(prices, 1e-9)
    while open_rows.any():
        gain = cover[open_rows].sum(axis=0) / cost
        site = int(gain.argmax())
        if gain[site] <= 0:
            raise ValueError("a row is covered by no site")
        chosen.append(site)
        open_rows &= ~cover[:, site]
    for site in sorted(chosen, key=lambda number: -prices[number]):
        rest = [other for other in chosen if other != site]
        if rest and cover[:, rest].any(axis=1).all():
            chosen = rest
    return np.array(sorted(chosen), dtype=int)
