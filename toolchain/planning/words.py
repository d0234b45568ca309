"""Numbers as people read them."""

BARS = "▁▂▃▄▅▆▇█"


def dollars(amount: float) -> str:
    """With cents; with more digits where there are hardly any."""
    if amount and abs(amount) < 0.1:
        return f"${amount:.2g}"
    return f"${amount:,.2f}"


def milliseconds(value: float) -> str:
    """To three digits; seconds from a thousand on."""
    if value >= 1000:
        return f"{value / 1000:.3g} s"
    return f"{value:.0f} ms" if value >= 100 else f"{value:.3g} ms"


def share(value: float) -> str:
    """In per cent, to two digits; nought only where it is none."""
    if not value:
        return "0%"
    return f"{value * 100:.2g}%" if value < 0.1 else f"{value * 100:.1f}%"


def count(value: float) -> str:
    """Whole, in groups of three digits."""
    return f"{value:,.0f}"


def sparkline(values: list[float]) -> str:
    """A line of blocks; none is as high as the lowest of them."""
    most = max(values, default=0)
    return "".join(
        BARS[min(len(BARS) - 1, int(value / most * (len(BARS) - 1) + 0.5))] if most else BARS[0] for value in values
    )
