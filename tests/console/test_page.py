"""The page: where it is, what it is told, its files, and what a browser may do with it."""

import gzip
import re
from pathlib import Path

import orjson
import pytest

from functions import VERSION
from functions.console.assets import Assets
from functions.console.page import in_script
from functions.console.policy import bucket_origins
from functions.core.prices import prices
from tests.console.conftest import FILES, Console


@pytest.fixture
def assets(console: Console) -> str:
    """The path of its files."""
    return f"/console/assets/{console.service.assets.digest}"


@pytest.mark.parametrize("path", ["/console", "/console/"])
def test_the_page_is_html_that_knows_where_it_is_and_which_files_are_its_own(console: Console, path: str) -> None:
    page = console(path)
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["cache-control"] == "no-cache"
    text = page.body.decode()
    assert '<base href="/prod/console/" />' in text
    assert f'href="assets/{console.service.assets.digest}/style/page.css"' in text
    assert "{{unknown}}" in text


def test_the_page_is_told_of_the_service_what_it_has_to_know(console: Console) -> None:
    (settings,) = re.findall(r'id="settings">(.*?)</script>', console("/console").body.decode())
    table = prices()
    assert orjson.loads(settings) == {
        "stage": "prod",
        "region": "us-east-1",
        "auth": "key",
        "version": VERSION,
        "architecture": "arm64",
        "memory_mb": 1769,
        "own_memory_mb": {"iris-svm": 3538},
        "prices": {
            "gb_second": table["gb_second"]["arm64"],
            "invocation": table["invocation"],
            "gateway_request": table["gateway_request"],
            "priced_on": table["priced_on"],
        },
        "max_body_bytes": 6 * 2**20,
        "max_job_bytes": 10 * 2**30,
        "refresh_seconds": 0.0,
        "languages": ["en", "zh"],
    }


def test_no_setting_can_end_the_script_that_it_stands_in() -> None:
    hostile = {"stage": "</script><script>alert(1)</script><!--<script>", "auth": "&lt;"}
    shown = in_script(hostile)
    assert not set("<>&") & set(shown)
    assert orjson.loads(shown) == hostile


@pytest.mark.parametrize(
    ("path", "prefix", "base"),
    [
        ("/prod/console", "", "/prod/console/"),
        ("/console/", "", "/console/"),
        ("/models/v1/console", "", "/models/v1/console/"),
        ("/local/console", "/_aws/execute-api/a1b2", "/_aws/execute-api/a1b2/local/console/"),
        ('/prod/"><script>/console', "", "/console/"),
        ("//evil.example/console", "", "/evil.example/console/"),
        ("/prod/console", "https://evil.example", "/console/"),
        ("/prod/../console", "", "/console/"),
    ],
)
def test_the_base_is_the_path_that_the_browser_asked_for(console: Console, path: str, prefix: str, base: str) -> None:
    page = console("/console", {"X-Forwarded-Prefix": prefix} if prefix else None, {"path": path})
    assert f'<base href="{base}" />' in page.body.decode()


@pytest.mark.parametrize(
    ("path", "location"),
    [("/prod/", "/prod/console"), ("/prod", "/prod/console"), ("/", "/console"), ("//", "/console")],
)
def test_the_root_leads_on_to_the_page_of_the_same_stage(console: Console, path: str, location: str) -> None:
    moved = console("/", context={"path": path})
    assert (moved.status, moved.headers["location"], moved.body) == (307, location, location.encode())


@pytest.mark.parametrize(
    "path", ["/console/%61pi/models", "/console//api/models", "/console/assets/../api/models", "/console/ap%69/usage"]
)
def test_what_takes_a_key_is_not_reached_by_the_resource_of_the_open_page(console: Console, path: str) -> None:
    refused = console(path)
    assert (refused.status, refused.body["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/", "/console", "/console/nothing", "/console/api/models", "/console/api/activity"])
def test_every_answer_tells_the_browser_what_it_may_do(console: Console, path: str) -> None:
    headers = console(path).headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self' https://files.example; font-src 'self'; base-uri 'self'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["cache-control"] in ("no-store", "no-cache")


def test_a_file_is_kept_for_ever_and_compressed_for_who_takes_it(console: Console, assets: str) -> None:
    packed = console(f"{assets}/main.js", {"Accept-Encoding": "br, gzip;q=0.8"})
    assert packed.status == 200
    assert packed.headers["content-type"] == "text/javascript; charset=utf-8"
    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "accept-encoding")
    assert gzip.decompress(packed.body) == FILES["main.js"]
    plain = console(f"{assets}/main.js", {"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in plain.headers
    assert (plain.headers["vary"], plain.body) == ("accept-encoding", FILES["main.js"])


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("style/page.css", "text/css; charset=utf-8"),
        ("style/icon.svg", "image/svg+xml"),
        ("picture.png", "image/png"),
        ("vendor/LICENSE.preact", "text/plain; charset=utf-8"),
    ],
)
def test_files_have_the_type_of_their_ending(console: Console, assets: str, path: str, kind: str) -> None:
    found = console(f"{assets}/{path}", {"Accept-Encoding": "identity"})
    assert (found.status, found.headers["content-type"], found.body) == (200, kind, FILES[path])


@pytest.mark.parametrize(
    "path",
    [
        *(
            "../handler.py",
            "..%2fhandler.py",
            "%2e%2e/handler.py",
            "style/../../handler.py",
            "/etc/passwd",
            "//etc/passwd",
        ),
        *("index.html", ".hidden", "style", "", "nothing.js", "main.js%00.css", "..\\handler.py", "style//page.css"),
    ],
)
def test_nothing_but_the_files_of_the_page_can_be_asked_for(console: Console, assets: str, path: str) -> None:
    refused = console(f"{assets}/{path}")
    assert refused.status == 404
    assert (refused.body.keys(), refused.body["code"]) == ({"error", "code"}, "not_found")


def test_a_page_of_another_version_gets_the_files_there_are_and_keeps_none(console: Console) -> None:
    other = console(f"/console/assets/{'0' * 16}/main.js")
    assert (other.status, other.headers["cache-control"], other.body) == (200, "no-store", FILES["main.js"])
    assert console(f"/console/assets/{'0' * 16}/gone.js").status == 404


def test_the_digest_is_of_the_names_and_contents_of_all_files(tmp_path: Path) -> None:
    def digest(**files: str) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_text(content)
        return Assets(str(folder)).digest

    first = digest(a="1", b="2")
    assert re.fullmatch("[0-9a-f]{16}", first)
    assert digest(b="2", a="1") == first
    assert len({first, digest(a="2", b="1"), digest(a="1", c="2"), digest(a="12", b=""), digest(a="1")}) == 5


def test_the_page_as_it_is_has_every_file_that_it_asks_for_first() -> None:
    assets = Assets()
    asked = re.findall(r'(?:href|src)="\{\{assets\}\}/([^"]+)"', assets.page)
    assert asked
    assert [path for path in asked if path not in assets.files] == []
    assert {"base", "assets", "settings"} == set(re.findall(r"\{\{(\w+)\}\}", assets.page))


def test_the_page_may_speak_with_the_buckets_where_addresses_are_signed_for_them() -> None:
    assert bucket_origins(("in", "out"), "eu-west-1", "") == (
        *("https://in.s3.amazonaws.com", "https://in.s3.eu-west-1.amazonaws.com"),
        *("https://out.s3.amazonaws.com", "https://out.s3.eu-west-1.amazonaws.com"),
    )
    assert bucket_origins(("in", ""), "cn-north-1", "") == ("https://in.s3.cn-north-1.amazonaws.com.cn",)
    assert bucket_origins(("in", "out"), "us-east-1", "http://127.0.0.1:4566/") == ("http://127.0.0.1:4566",)


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "cn-north-1"])
def test_these_are_where_jobs_have_files_uploaded_and_downloaded(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from functions.batch.jobs.links import Links
    from functions.batch.jobs.orders import Order

    given = {"REGION": region, "DEFAULT_REGION": region, "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}
    for name, value in given.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    links, origins = Links("files", "results"), bucket_origins(("files", "results"), region, "")
    order = Order("0" * 32, "t", "flowers", None, "rows.csv", {}, "")
    assert any(links.upload(order, None, 1)["url"].startswith(f"{it}/") for it in origins)
    assert any(links.download("part-0").startswith(f"{it}/") for it in origins)
