"""report.html: whole, well formed, and in need of nothing."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.toolchain.compression.report.reports import judged, report
from toolchain.compression.report import page, plots
from toolchain.compression.report.plots import Point

VOID = {"meta"}


class _Checker(HTMLParser):
    """Every element that is opened is closed, in order; SVG's closed in themselves are known."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def checked(document: dict[str, Any]) -> _Checker:
    parser = _Checker()
    parser.feed(page.render(document))
    assert parser.open == []
    return parser


def test_the_page_is_well_formed_and_needs_nothing_from_elsewhere() -> None:
    found = checked(report())
    assert not {"script", "link", "img", "iframe", "object"} & set(found.tags)
    assert not {"src", "href", "onclick", "onload"} & {name for name, _ in found.attributes}
    text = page.render(report())
    assert re.findall(r"https?:|@import|url\(", text) == []
    assert "prefers-color-scheme: dark" in text


def test_what_was_judged_on_another_architecture_stands_apart() -> None:
    document = report()
    assert "On other architectures" not in checked(document).text
    document["evaluations"]["arm64"] = judged("arm64") | {"passes": False, "reason": "it is <slow>"}
    text = page.render(document)
    checked(document)
    row = text.partition("On other architectures")[2].partition("</table>")[0]
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row.partition("<tbody>")[2])
    slow = "does not pass: it is &lt;slow&gt;"
    assert cells == ["arm64", "A &lt;fast&gt; one", "2 ms to 0.8 ms", "- to -", "0.02", slow]


def test_what_came_of_it_stands_in_it_and_names_are_escaped() -> None:
    text = " ".join(checked(report()).text.split())
    for words in (
        "A <net>", "passes its gate", f"4.00 {page.TIMES}", "smaller: 4 MB became 1 MB; 1 MB compiled",
        f"2.50 {page.TIMES}",
        "the speed with 1 row: 2 ms became 0.8 ms", "has 25 % of the original's size and takes 40 % of its time",
        "At worst (95 %), accuracy is worse by 0.02; 0.02 is allowed.", "1 more were given up before they were judged",
        "A <fast> one, x86_64 with avx512_vnni; one thread.", "Figures say nothing of any other architecture.",
        "it cannot & will not", "ortless compress net --max-drop 1%", "Seed 0; ortless 0.1.0, onnxruntime 1.0.",
        "2" * 64, "dynamic-int8: 2 layers <of> 2", "Confusion, rows by label",
    ):  # fmt: skip
        assert words in text, words


def test_every_model_that_was_measured_is_in_the_plots() -> None:
    found = checked(report())
    assert found.tags.count("polyline") == 2
    # By size: the original, two that pass, one that is refused, a ring, and the front; by time the refused one lacks.
    assert (found.tags.count("circle"), found.attributes.count(("class", "original"))) == (4 + 3, 2)
    assert found.attributes.count(("class", "fails")) == 1
    assert "weight-only(bits=4)\n700 kB, -, 0.7" in found.text


def test_layers_without_a_figure_have_no_bar() -> None:
    found = checked(report())
    assert found.attributes.count(("class", "bar")) == 1
    reason = report() | {"sensitivity": {"layers": [], "reason": "no layer"}}
    assert "Not measured: no layer." in checked(reason).text


def test_a_search_that_was_stopped_and_a_model_that_fails_say_so() -> None:
    document = report() | {"stopped": "time", "chosen": {"recipe": "", "notes": [], "file": "model.onnx"}}
    document["evaluations"]["x86_64"] |= {"passes": False, "reason": "it is slow", "confusion": None, "classes": []}
    text = " ".join(checked(document).text.split())
    assert "does not pass: it is slow the original" in text
    assert "The search was stopped (time): more may be found." in text
    assert "Confusion" not in text


def test_an_empty_plot_says_that_there_is_nothing() -> None:
    assert "Nothing was measured" in plots.scatter([], "x", "y")
    assert "Nothing was measured" in plots.bars([("a", float("nan"), "")], "x")


def test_a_single_point_has_room_around_it() -> None:
    found = plots.scatter([Point(5, 0, "original", "t")], "x", "y")
    assert 'class="original"' in found
    assert "nan" not in found


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 10, [0, 2, 4, 6, 8, 10]),
        (0.97, 1.0, [0.97, 0.98, 0.99, 1.0]),
        (0, 430, [0, 100, 200, 300, 400]),
        (-1.2, 0.4, [-1, -0.5, 0]),
    ],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert plots.ticks(low, high) == pytest.approx(expected)
