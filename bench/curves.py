"""A reliability curve as SVG: confidence across, share that was right upwards."""

from __future__ import annotations

import html
from collections.abc import Sequence

SIZE, LEFT, TOP = 360, 64, 40


def reliability_svg(title: str, points: Sequence[tuple[float, float, int]]) -> str:
    """`points`: (mean confidence, share right, answers) of each bin. Above the diagonal: surer than it says."""

    def x(value: float) -> float:
        return LEFT + value * SIZE

    def y(value: float) -> float:
        return TOP + (1 - value) * SIZE

    ticks = [n / 5 for n in range(6)]
    box = f"0 0 {LEFT + SIZE + 70} {TOP + SIZE + 60}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" font-family="sans-serif" font-size="12" role="img">',
        f"<title>Reliability: {html.escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="{LEFT}" y="24" font-size="15" font-weight="bold">{html.escape(title)}</text>',
    ]
    for tick in ticks:
        parts += [
            f'<path d="M{x(tick)} {y(0)}V{y(1)}M{x(0)} {y(tick)}H{x(1)}" stroke="#ddd" fill="none"/>',
            f'<text x="{x(tick)}" y="{y(0) + 18}" text-anchor="middle">{tick:.1f}</text>',
            f'<text x="{x(0) - 8}" y="{y(tick) + 4}" text-anchor="end">{tick:.1f}</text>',
        ]
    parts += [
        f'<path d="M{x(0)} {y(0)}L{x(1)} {y(1)}" stroke="#767676" stroke-dasharray="5 4" fill="none"/>',
        f'<text x="{x(0.5)}" y="{y(0) + 42}" text-anchor="middle">confidence given (held out)</text>',
        f'<text transform="translate(18 {y(0.5)}) rotate(-90)" text-anchor="middle">share that was right</text>',
        '<path d="'
        + "".join(f"{'L' if i else 'M'}{x(c):.1f} {y(r):.1f}" for i, (c, r, _) in enumerate(points))
        + '" stroke="#1f5f99" stroke-width="2" fill="none"/>',
    ]
    for confidence, right, answers in points:
        parts += [
            f'<circle cx="{x(confidence):.1f}" cy="{y(right):.1f}" r="4" fill="#1f5f99"/>',
            f'<text x="{x(confidence) + 7:.1f}" y="{y(right) + 14:.1f}" fill="#333">{answers:,}</text>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"
