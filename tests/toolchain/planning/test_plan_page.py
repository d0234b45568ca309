"""The page of a plan: whole, well formed, and in need of nothing."""

import re
from typing import Any

import pytest

from tests.toolchain.compression.report.test_page import _Checker
from toolchain.planning import document, page, plots, replay, sizing, traces
from toolchain.planning.plots import Line
from toolchain.planning.pricing import Traffic
from toolchain.planning.sizing import Terms
from toolchain.planning.timings import Timings

BASE = Timings(1769, (20.0,), init=300.0, first=60.0)
SIZES = [BASE.to(size, 0.0) for size in (512, 1024, 1769)]
NOTE = "Times are <assumed>"


def planned(terms: Terms | None = None) -> dict[str, Any]:
    """A plan for steady traffic."""
    found = sizing.options(Traffic(10), SIZES, "arm64", terms or Terms())
    return document.plan(Traffic(10), terms or Terms(), SIZES, found, [NOTE])


def replayed() -> dict[str, Any]:
    """A plan for a trace."""
    trace = traces.poisson(3, 600)
    same = replay.of(trace, Traffic(1))
    found = replay.replays(trace, same, SIZES, "arm64", Terms())
    return document.replay(same, Terms(), SIZES, found, [NOTE])


def checked(text: str) -> _Checker:
    parser = _Checker()
    parser.feed(text)
    assert parser.open == []
    return parser


@pytest.mark.parametrize("plan", [planned(), replayed()], ids=["steady", "trace"])
def test_the_page_is_well_formed_and_needs_nothing_from_elsewhere(plan: dict[str, Any]) -> None:
    text = page.render(plan, "ortless plan --rps 10 --html <here>")
    found = checked(text)
    assert not {"script", "link", "img", "iframe", "object"} & set(found.tags)
    assert not {"src", "href", "onclick", "onload"} & {name for name, _ in found.attributes}
    assert re.findall(r"https?:|@import|url\(", text) == []
    words = " ".join(found.text.split())
    for expected in (NOTE, "ortless plan --rps 10 --html <here>", "provisioned", "API Gateway", "1769 MB", "us-east-1"):
        assert expected in words, expected


def test_each_way_to_start_is_a_line_and_a_trace_adds_its_own() -> None:
    # Three plots of three lines; of a trace three more, of one, two and two lines.
    assert checked(page.render(planned(), "")).tags.count("polyline") == 9
    assert checked(page.render(replayed(), "")).tags.count("polyline") == 9 + 5


def test_the_page_says_where_nothing_serves() -> None:
    assert "No size that was compared serves that in time" in page.render(planned(Terms(within_ms=1)), "")


def test_plots_have_a_name_ticks_and_a_legend() -> None:
    text = plots.lines([Line("a & b", [(0, 1), (10, 3)]), Line("none", [])], "memory", "cost")
    assert 'aria-label="cost against memory"' in text
    assert "a &amp; b" in text
    assert "none" not in text
    assert "nan" not in text
    assert plots.lines([], "x", "y") == '<p class="faint">Nothing happened.</p>'
