"""A plot of the rates, as SVG."""

from collections.abc import Iterator, Sequence

from benchmarks.report import RESULTS, Json, say

COLOURS = {"usual": "#b0b7c3", "orderport": "#2563eb", "limit": "#e2e5ea"}
LABELS = {
    "usual": "FastAPI + Beanie, everything awaited",
    "orderport": "Orderport",
    "limit": "bare ASGI, the same promises",
}
WIDTH, LEFT, RIGHT = 760, 170, 110
BAR, GAP, TOP = 14, 18, 34


def draw(rates: Json) -> None:
    """Write `rates.svg`: for each operation a bar for each contender, as a multiple of the usual stack's rate."""
    path = RESULTS / "rates.svg"
    path.write_text("\n".join(_svg(rates)) + "\n")
    say(f"written: {path.name}")


def _svg(rates: Json) -> Iterator[str]:
    multiples = {name: _multiples(summary) for name, summary in rates.items()}
    most = max(value for bars in multiples.values() for _, value in bars)
    step = len(COLOURS) * BAR + GAP
    height = TOP + step * len(multiples)
    box = f'viewBox="0 0 {WIDTH} {height}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="sans-serif" font-size="12">'
    yield '<rect width="100%" height="100%" fill="white"/>'
    left = 10
    for contender, colour in COLOURS.items():
        yield f'<rect x="{left}" y="8" width="12" height="12" fill="{colour}" stroke="#9aa2af" stroke-width="0.5"/>'
        yield f'<text x="{left + 18}" y="18">{LABELS[contender]}</text>'
        left += 250
    for row, (name, bars) in enumerate(multiples.items()):
        top = TOP + row * step
        yield f'<text x="{LEFT - 10}" y="{top + 1.5 * BAR + 4}" text-anchor="end">{name}</text>'
        for place, (contender, value) in enumerate(bars):
            length = (WIDTH - LEFT - RIGHT) * value / most
            y = top + place * BAR
            rate = rates[name]["contenders"][contender]["rate"]
            yield f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR - 2}" fill="{COLOURS[contender]}"/>'
            yield f'<text x="{LEFT + length + 5:.1f}" y="{y + 10}" font-size="10">{value:.1f} x ({rate:,.0f}/s)</text>'
    yield "</svg>"


def _multiples(summary: Json) -> Sequence[tuple[str, float]]:
    usual = summary["contenders"]["usual"]["rate"]
    return [(name, summary["contenders"][name]["rate"] / usual) for name in COLOURS]
