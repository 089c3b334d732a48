"""Whose people stand for which year: loaded years, projected tables, and projections by cohort, in one row of years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Series:
    """Years in order (k), each with its place in the loaded years or, where `by_cohort`, in those by cohort."""

    years: tuple[int, ...]
    place: tuple[int, ...]
    by_cohort: tuple[bool, ...]

    @classmethod
    def of(
        cls, years: np.ndarray, projected: np.ndarray, cohort_years: np.ndarray, projection: str = "table"
    ) -> Series:
        """`table`: all loaded years, and the cohort's after the last of them. `cohort`: counted years, then the cohort's."""
        by_cohort = projection == "cohort" and len(cohort_years) > 0
        kept = [p for p in range(len(years)) if not (by_cohort and projected[p])]
        last = max((int(years[p]) for p in kept), default=0)
        more = [p for p, year in enumerate(cohort_years) if int(year) > last]
        return cls(
            (*(int(years[p]) for p in kept), *(int(cohort_years[p]) for p in more)),
            (*kept, *more),
            (*(False for _ in kept), *(True for _ in more)),
        )

    def at(self, year: int, people: np.ndarray, cohort: np.ndarray) -> np.ndarray:
        """People of a year: on the straight line between two known years, outside them those of the nearest."""

        def of(no: int) -> np.ndarray:
            found: np.ndarray = (cohort if self.by_cohort[no] else people)[self.place[no]].astype(float)
            return found

        if year <= self.years[0]:
            return of(0)
        if year >= self.years[-1]:
            return of(len(self.years) - 1)
        after = int(np.searchsorted(self.years, year))
        part = (year - self.years[after - 1]) / (self.years[after] - self.years[after - 1])
        return (1 - part) * of(after - 1) + part * of(after)

    def kind(self, year: int) -> str:
        """`loaded` or `cohort` for a known year; `between`, `between-cohort` or `after` for others."""
        if year in self.years:
            return "cohort" if self.by_cohort[self.years.index(year)] else "loaded"
        if year > self.years[-1]:
            return "after"
        return "between-cohort" if self.by_cohort[int(np.searchsorted(self.years, year))] else "between"
