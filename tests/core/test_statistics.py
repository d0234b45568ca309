"""What is counted of a model's runs."""

from functions.core.statistics import Statistics


def test_a_hit_is_a_success_for_which_nothing_ran() -> None:
    statistics = Statistics()
    statistics.hit(5)
    document = statistics.document()
    assert (document["inference_count"], document["execution_count"], document["last_inference"]) == (0, 0, 0)
    none = {"count": 0, "ns": 0}
    assert document["inference_stats"] == {
        "success": {"count": 1, "ns": 5}, "fail": none, "queue": {"count": 1, "ns": 0},
        "compute_input": none, "compute_infer": none, "compute_output": none,
        "cache_hit": {"count": 1, "ns": 5}, "cache_miss": none,
    }  # fmt: skip


def test_a_miss_adds_its_time_to_the_success_that_was_counted() -> None:
    statistics = Statistics()
    statistics.success.add(100)
    statistics.miss(7)
    found = statistics.document()["inference_stats"]
    assert (found["success"], found["cache_miss"]) == ({"count": 1, "ns": 107}, {"count": 1, "ns": 7})
    assert found["cache_hit"] == {"count": 0, "ns": 0}
