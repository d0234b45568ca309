"""The section of CARD.md."""

from tests.toolchain.compression.report.reports import judged, report
from toolchain.compression.report.card import BEGIN, END, with_section

SECTION = """<!-- compression:begin -->
**Compression.** `ortless compress net --max-drop 1%` chose `dynamic-int8`.
Measured on 120 rows of evaluation.jsonl; accuracy may drop by 0.02, and the agreement with the original must be 0.98, \
at the bad ends of 95 % intervals.

On x86_64 (A <fast> one), one thread, it passes.

| | original | ships | |
| --- | --- | --- | --- |
| size | 4 MB | 1 MB | 4.00 x smaller |
| compiled, as it ships | 4 MB | 1 MB | 4.00 x smaller |
| 1 row | 2 ms | 0.8 ms | 2.50 x faster |
| accuracy | 0.9 | 0.89 | drop 0.01 (0 to 0.02) |
| agreement | 1 | 0.99 | drop 0.01 (0 to 0.02) |
| spearman | 1 | 0.998 | drop 0.002 |

Figures hold for the architecture that they were taken on; all of them, and what lost: report.json.
<!-- compression:end -->"""


def test_a_card_without_one_gets_it_at_its_end() -> None:
    assert with_section("# Net\n\nWords.\n", report()) == f"# Net\n\nWords.\n\n{SECTION}\n"


def test_a_card_with_one_gets_it_in_its_place() -> None:
    card = f"# Net\n\n{BEGIN}\nold\n{END}\n\n**Limits.** Many.\n"
    found = with_section(card, report())
    assert found.startswith(f"# Net\n\n{BEGIN}\n**Compression.**")
    assert found.endswith(f"{END}\n\n**Limits.** Many.\n")
    assert with_section(found, report()) == found


def test_an_end_without_a_beginning_is_somebody_elses() -> None:
    assert with_section(f"# Net {END}\n", report()).startswith(f"# Net {END}\n\n{BEGIN}\n")


def test_a_beginning_without_an_end_takes_none_of_the_words_behind_it() -> None:
    found = with_section(f"# Net\n\n{BEGIN}\nWords of its owner.\n", report())
    assert with_section(found, report()) == found
    assert found == f"# Net\n\n{BEGIN}\nWords of its owner.\n\n{SECTION}\n"


def test_every_architecture_has_its_own_figures() -> None:
    document = report()
    document["evaluations"]["arm64"] = judged("arm64") | {"passes": False, "reason": "it is slow"}
    found = with_section("", document)
    assert "On x86_64 (A <fast> one), one thread, it passes." in found
    assert "On arm64 (A <fast> one), one thread, it does not pass: it is slow." in found
