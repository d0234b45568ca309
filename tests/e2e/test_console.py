"""The console on the embedded cloud: its page by every address, what it reads, and for whom."""

import re
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

import httpx
import orjson
import pytest

from local.endpoint import Endpoint
from tests.e2e.conftest import Api, Variant
from tests.e2e.console_life import ConsoleLife
from tests.e2e.test_lifecycle import Operator, eventually

MODEL = "iris-svm"
FILE = re.compile(r'(?:href|src)="(assets/[^"]+)"')
API = ("models", f"models/{MODEL}", f"models/{MODEL}/versions/1/report", "activity", "usage")


@pytest.fixture(scope="module")
def life(service: Endpoint, api: Api, tmp_path_factory: pytest.TempPathFactory) -> ConsoleLife:
    assert service.operator
    operator = Operator(service, api, service.operator)
    return ConsoleLife(service, api, operator, tmp_path_factory.mktemp("console"))


def anyone(url: str, **headers: str) -> httpx.Response:
    """What a browser gets that shows no key."""
    return httpx.get(url, headers=headers, timeout=30)


@pytest.mark.parametrize("path", ["/console", "/console/"])
def test_the_page_is_open_and_knows_where_it_is(api: Api, path: str) -> None:
    page = anyone(f"{api.url}{path}")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f'<base href="{urlsplit(api.url).path}/console/"' in page.text
    (settings,) = re.findall(r'id="settings">(.*?)</script>', page.text)
    told = orjson.loads(settings)
    assert (told["stage"], told["region"], told["auth"]) == ("local", "us-east-1", "key")


def test_nobody_else_says_where_the_page_is(api: Api) -> None:
    page = anyone(f"{api.url}/console", **{"x-forwarded-prefix": "/elsewhere"}).text
    assert f'<base href="{urlsplit(api.url).path}/console/"' in page


@pytest.mark.parametrize("path", ["", "/"])
def test_the_root_leads_on_to_the_page(api: Api, path: str) -> None:
    moved = anyone(f"{api.url}{path}")
    assert moved.status_code == 307
    assert urljoin(f"{api.url}{path}", moved.headers["location"]) == f"{api.url}/console"


def test_the_page_may_speak_with_its_own_origin_and_the_buckets_and_with_nobody_else(
    service: Endpoint, api: Api
) -> None:
    headers = anyone(f"{api.url}/console").headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert (policy["default-src"], policy["script-src"]) == ("'none'", "'self'")
    assert policy["connect-src"] == f"'self' {service.endpoint_url}"
    assert headers["x-content-type-options"] == "nosniff"
    assert "strict-transport-security" not in headers


def test_every_file_that_the_page_asks_for_is_there_for_ever_and_compressed(api: Api) -> None:
    page = anyone(f"{api.url}/console").text
    files = FILE.findall(page)
    assert files
    for path in files:
        found = anyone(f"{api.url}/console/{path}", **{"accept-encoding": "gzip"})
        assert found.status_code == 200, path
        assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert len(found.content) < 2048 or found.headers["content-encoding"] == "gzip", path
    gone = anyone(f"{api.url}/console/assets/{'0' * 16}/gone.js")
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", API)
@pytest.mark.parametrize("key", ["", "not-a-key"])
def test_what_the_page_reads_takes_a_key(api: Api, path: str, key: str) -> None:
    refused = anyone(f"{api.url}/console/api/{path}", **{"x-api-key": key} if key else {})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("path", ["%61pi/models", "/api/models", "ap%69/usage", "x/../api/models"])
def test_no_way_of_writing_a_path_leads_around_the_key(api: Api, path: str) -> None:
    host = httpx.URL(api.url)
    url = host.copy_with(raw_path=f"{host.path}/console/{path}".encode())
    with httpx.Client() as client:
        refused = client.send(httpx.Request("GET", url))
    assert refused.status_code in (403, 404), refused.text


def test_a_model_is_shown_from_its_publication_on(life: ConsoleLife) -> None:
    life.lead()


def test_what_there_is_not_is_a_404_in_the_shape_of_every_error(api: Api) -> None:
    missing = api.call("GET", "/console/api/models/no-such-model")
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown_model")


def test_activity_has_counts_and_percentiles(api: Api, life: ConsoleLife) -> None:
    name = f"busy-{uuid4().hex[:8]}"
    latencies = [float(ms) for ms in range(1, 101)]
    life.measure(name, "3", Requests=[1.0] * 100, Errors=[1.0], Latency=latencies, CacheHits=[1.0] * 7)
    (active,) = api.call("GET", f"/console/api/activity?window=hour&model={name}&version=3").json()["models"]
    assert active["totals"] == {"requests": 100, "errors": 1, "cold_starts": 0, "cache_hits": 7}
    p50, p95, p99 = (max(value for value in active["series"][name] if value) for name in ("p50", "p95", "p99"))
    assert (p50, p95, p99) == pytest.approx((50, 95, 99), abs=1.5)


def test_usage_is_of_the_key_that_asks_and_goes_down(api: Api) -> None:
    def used() -> int:
        found = api.call("GET", "/console/api/usage").json()
        assert (found["limit"], found["period"]) == (10_000_000, "day")
        assert found["used"] + found["remaining"] == found["limit"]
        assert found["key"] == api.outputs["ApiKeyId"]
        return int(found["used"])

    before = used()
    assert before > 0
    eventually(lambda: used() > before)  # it asks for one of them itself


def test_a_stage_can_close_the_page_and_ask_for_signatures(variant: Variant) -> None:
    closed = variant("closed", open_console=False, auth="iam")
    for path in ("", "/console", "/console/api/models"):
        assert anyone(f"{closed.url}{path}").status_code == 403, path
    iam = closed.account.session.client("iam", **closed.account.options)
    iam.create_user(UserName="visitor")
    iam.attach_user_policy(UserName="visitor", PolicyArn=closed.outputs["OperatorPolicyArn"])
    key = iam.create_access_key(UserName="visitor")["AccessKey"]
    keys = (key["AccessKeyId"], key["SecretAccessKey"])
    assert '"auth":"iam"' in closed.signed("GET", "/console", *keys).text
    assert closed.signed("GET", "/console/api/models", *keys).json() == {"models": []}
    usage = closed.signed("GET", "/console/api/usage", *keys)
    assert (usage.status_code, set(usage.json().values())) == (200, {None})
