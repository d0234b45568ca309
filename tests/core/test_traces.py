"""Which trace a call belongs to: what W3C Trace Context and X-Ray carry, and nothing that only looks like it."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.core import traces

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{SPAN}-01"
ROOT = "1-5759e988-bd862e3fe1be46a994272793"
OF_ROOT = "5759e988bd862e3fe1be46a994272793"
HEX = "0123456789abcdef"
GRAMMAR = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?!0{32})(?P<trace>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?P<more>-.*)?",
    re.DOTALL,
)
"""The header as the specification has it (W3C Trace Context, 3.2.2)."""


def by_grammar(header: str) -> str | None:
    found = GRAMMAR.fullmatch(header)
    return None if found is None or (found["version"] == "00" and found["more"] is not None) else found["trace"]


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text(HEX, min_size=count, max_size=count)


PARENTS = st.builds("-".join, st.tuples(digits(2), digits(32), digits(16), digits(2)))


@given(PARENTS)
@example(PARENT)
@example(f"00-{'0' * 32}-{SPAN}-01")
@example(f"00-{TRACE}-{'0' * 16}-01")
@example(f"ff-{TRACE}-{SPAN}-01")
@example(f"cc-{TRACE}-{SPAN}-01-what-the-future-will-be-like")
@example(f"cc-{TRACE}-{SPAN}-01.what-the-future-will-not-be-like")
@example(f"{PARENT}-more")
def test_a_traceparent_is_read_as_its_grammar_says(header: str) -> None:
    assert traces.of_parent(header) == by_grammar(header)


@given(PARENTS, st.data())
def test_a_traceparent_with_any_character_changed_is_read_as_its_grammar_says(header: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(header)))
    changed = header[:place] + data.draw(st.text(max_size=2)) + header[place + data.draw(st.integers(0, 2)) :]
    assert traces.of_parent(changed) == by_grammar(changed)


@given(st.text())
@example(PARENT.upper())
@example(f" {PARENT}")
@example(f"{PARENT}, {PARENT}")
def test_what_is_no_traceparent_is_no_trace(header: str) -> None:
    assert traces.of_parent(header) == by_grammar(header) is None


@pytest.mark.parametrize(
    ("header", "trace"),
    [
        (f"Root={ROOT}", OF_ROOT),
        (f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1", OF_ROOT),
        (f"Self=1-67891234-12456789abcdef012345678;Root={ROOT}", OF_ROOT),
        (f"Root={ROOT}; Parent=53995c3f42cd8ad8; Sampled=?", OF_ROOT),
        (f"root={ROOT}", None),
        (ROOT, None),
        (f"Root={ROOT.upper()}", None),
        (f"Root=2{ROOT[1:]}", None),
        (f"Root={ROOT}0", None),
        (f"Root=1-{'0' * 8}-{'0' * 24}", None),
        ("Root=1-5759e988bd-862e3fe1be46a994272793", None),
        ("Sampled=1", None),
        ("", None),
    ],
)
def test_x_rays_root_is_the_trace_without_its_version(header: str, trace: str | None) -> None:
    assert traces.of_amazon(header) == trace


@given(st.text())
def test_any_other_text_is_no_trace_of_x_ray(header: str) -> None:
    assert traces.of_amazon(header) is None
    assert traces.of({traces.PARENT: header, traces.AMAZON: header}, {traces.VARIABLE: header}) is None


@given(digits(32))
def test_what_goes_on_with_a_trace_is_of_that_trace(trace: str) -> None:
    known = traces.known(trace)
    assert known == (None if trace == traces.NO_TRACE else trace)
    if known:
        assert traces.of_amazon(traces.header(known, {})) == known


def test_what_goes_on_with_the_invocations_own_trace_joins_its_spans() -> None:
    own = f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1"
    assert traces.header(OF_ROOT, {traces.VARIABLE: own}) == own
    assert traces.header(TRACE, {traces.VARIABLE: own}) == "Root=1-0af76519-16cd43dd8448eb211c80319c"


def test_the_callers_own_id_goes_before_x_rays_and_an_invalid_one_counts_as_absent() -> None:
    amazon, variables = f"Root={ROOT}", {traces.VARIABLE: f"Root=1-{TRACE[:8]}-{TRACE[8:]}"}
    assert traces.of({"traceparent": f"00-{'1' * 32}-{SPAN}-00", traces.AMAZON: amazon}, variables) == "1" * 32
    assert traces.of({"traceparent": "00-nonsense", traces.AMAZON: amazon}, variables) == OF_ROOT
    assert traces.of({traces.AMAZON: "nonsense"}, variables) == TRACE
    assert traces.of({}, {}) is None


@pytest.mark.parametrize("value", [None, 7, "", TRACE.upper(), TRACE[:-1], "g" * 32, "0" * 32, [TRACE]])
def test_a_document_that_carries_no_trace_has_none(value: object) -> None:
    assert traces.known(value) is None
