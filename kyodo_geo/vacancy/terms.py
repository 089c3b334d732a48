"""Terms of the rent subsidy for vacant houses used as halls: data of the city, unknown until somebody enters them."""

from __future__ import annotations

from dataclasses import dataclass

UNKNOWN = "不明"


@dataclass(frozen=True, slots=True)
class Terms:
    """`rate` (0–1) of the rent, at most `cap_yen_month`, for `max_years`, to associations of `min_households`; `legal_form`: what
    the association must be. None is unknown, never 0."""

    rate: float | None = None
    cap_yen_month: int | None = None
    max_years: int | None = None
    min_households: int | None = None
    legal_form: str | None = None

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names of the terms nobody has entered."""
        return tuple(name for name, value in self.lines() if value == UNKNOWN)

    def lines(self) -> tuple[tuple[str, str], ...]:
        """(name, words) of every term."""
        return (
            ("補助率", UNKNOWN if self.rate is None else f"家賃の{self.rate * 100:.4g} %"),
            ("上限", UNKNOWN if self.cap_yen_month is None else f"月 {self.cap_yen_month:,} 円"),
            ("期間", UNKNOWN if self.max_years is None else f"{self.max_years:,} 年まで"),
            ("世帯数", UNKNOWN if self.min_households is None else f"{self.min_households:,} 世帯以上"),
            ("団体の形", self.legal_form or UNKNOWN),
        )
