"""Dockerfile, compose.yaml and the proxy's configuration name what exists, and set what the settings read."""

import fnmatch
import json
import logging.config
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.urls import reverse

from indicators.admin.handing_in import MOST_FORM_BYTES
from indicators.http.errors import LONGEST_URI
from indicators.http.headers import EXPOSED
from indicators.http.problem_types import PROBLEM_TYPES
from indicators.http.rates import Rate
from indicators.http.throttling import LOGIN_RATE
from tests.serving import ROOT
from urbanapi import __version__

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: Any = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
NGINX = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("setup", "app")


def copied() -> list[str]:
    """What the image takes from the project."""
    lines = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
    return [source.rstrip("/") for line in lines for source in line.split()]


def variables_read() -> set[str]:
    text = (ROOT / "urbanapi" / "settings.py").read_text(encoding="utf-8")
    return set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', text))


def test_the_image_holds_what_the_service_needs_and_no_more() -> None:
    needed = {"requirements.txt", "manage.py", "urbanapi", "indicators", "fixtures", "docs"}
    needed |= {"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE-DATA.md", "SECURITY.md"}  # pages too
    assert set(copied()) == needed | {"deploy/granian-logs.json", "deploy/healthcheck.py"}
    for source in copied():
        assert (ROOT / source).exists(), source


@pytest.mark.parametrize("source", copied())
def test_docker_is_let_to_see_what_it_copies(source: str) -> None:
    allowed = [line[1:].rstrip("/") for line in _ignored() if line.startswith("!")]
    assert source.partition("/")[0] in allowed


def _ignored() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("secret", [".env", "var", ".git", ".venv", "tests"])
def test_what_is_secret_or_local_stays_out(secret: str) -> None:
    assert _ignored()[0] == "*"
    assert not any(fnmatch.fnmatch(secret, line[1:].rstrip("/")) for line in _ignored() if line.startswith("!"))


def test_the_image_runs_as_nobody_in_particular_and_tells_its_health() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.*)$", last, re.MULTILINE) == ["10001:10001"]
    for instruction in ("HEALTHCHECK", "CMD"):
        assert re.search(rf"^{instruction} .*\[\"python\", ", last, re.MULTILINE), "exec form: signals reach the server"
    assert "--require-hashes" in DOCKERFILE
    for file in re.findall(r'"(deploy/[^"]+)"', last):
        assert file in copied()


def test_compose_sets_what_the_settings_read() -> None:
    for name in OURS:
        assert set(SERVICES[name]["environment"]) <= variables_read()
    asked_for = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "compose.yaml").read_text(encoding="utf-8")))
    assert asked_for <= variables_read() | {"POSTGRES_PASSWORD", "PUBLISHED_PORT", "PACKAGE"}
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_BASE_URL"):
        assert SERVICES["app"]["environment"][name].startswith("${" + name + ":?is not set; write "), "no default"


def test_compose_gives_no_service_more_than_it_needs() -> None:
    for name, service in SERVICES.items():
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"]
        assert service.get("read_only") or name == "database"
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["proxy"]
    assert COMPOSE["networks"]["inside"]["internal"]
    assert "inside" not in SERVICES["proxy"]["networks"]


def test_the_service_waits_for_its_tables_and_its_data() -> None:
    assert SERVICES["app"]["depends_on"]["setup"]["condition"] == "service_completed_successfully"
    assert SERVICES["setup"]["command"][2] == (
        "python manage.py migrate --no-input && python manage.py load /package --if-empty"
    )
    files, package = SERVICES["setup"]["volumes"]
    assert files == "files:/files"
    assert (package["source"], package["target"]) == ("${PACKAGE:-./fixtures}", "/package")
    assert package["read_only"], "and never created: a wrong folder must fail"
    assert package["bind"] == {"create_host_path": False}
    assert (ROOT / SERVICES["proxy"]["volumes"][0].partition(":")[0]).is_file()


def test_the_proxy_sends_the_files_that_the_service_writes() -> None:
    volume, _ = SERVICES["app"]["volumes"]
    name, _, place = volume.partition(":")
    assert name in COMPOSE["volumes"]
    environment = SERVICES["app"]["environment"]
    assert environment["FILES_ROOT"] == place
    assert f"{volume}:ro" in SERVICES["proxy"]["volumes"], "the proxy only reads"
    assert f"--owner=10001 --group=10001 {place}" in DOCKERFILE, "a new volume takes the owner of the folder"
    assert f"FILES_ROOT={place}" in DOCKERFILE
    (block,) = re.findall(rf"location {environment['FILES_ACCEL']} \{{(.*?)\n        \}}", NGINX, re.DOTALL)
    assert "internal;" in block
    assert f"alias {place}/;" in block
    for header in ("ETag", "Last-Modified", "Link", "Access-Control-Allow-Origin", "API-Version"):
        assert f"add_header {header} $upstream_http_{header.lower().replace('-', '_')};" in block


def test_the_proxy_and_the_service_agree() -> None:
    assert SERVICES["app"]["environment"]["TRUSTED_PROXIES"] == "1"
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in NGINX, "one entry, which the proxy wrote"
    assert "underscores_in_headers off;" in NGINX
    rate = Rate.parse(SERVICES["app"]["environment"]["THROTTLE"].removeprefix("${THROTTLE-").removesuffix("}"))
    assert f"rate={rate.requests // rate.seconds}r/s" in NGINX
    assert f"burst={rate.requests} nodelay" in NGINX
    (longest,) = re.findall(r"large_client_header_buffers \d+ (\d+)k;", NGINX)
    assert int(longest) * 1024 > LONGEST_URI + len("GET /api/v1/ HTTP/1.1")


def test_tables_are_handed_in_at_one_address_alone() -> None:
    """There, and nowhere else, a body may be large; and the proxy keeps none of it, whoever sends it."""
    block = NGINX.split(f"location {reverse('admin:indicators_release_publish')} {{")[1].split("}")[0]
    (megabytes,) = re.findall(r"client_max_body_size (\d+)m;", block)
    assert int(megabytes) * 1024**2 == MOST_FORM_BYTES
    assert "proxy_request_buffering off;" in block
    assert re.findall(r"client_max_body_size (\w+);", NGINX.replace(block, "")) == ["1m", "0", "0"]
    assert SERVICES["app"]["environment"]["INCOMING_DIR"] == "/incoming"
    assert SERVICES["app"]["volumes"][1] == "incoming:/incoming"
    assert "--owner=10001 --group=10001 --mode=0700 /incoming" in DOCKERFILE


def test_the_proxy_leaves_compression_to_the_service() -> None:
    assert re.findall(r"^ *(gzip.*);", NGINX, re.MULTILINE) == ["gzip off"]
    assert "Accept-Encoding" not in NGINX, "the service sees what the client asked for"


def test_the_proxy_answers_problem_documents() -> None:
    documents = [json.loads(text.replace("$detail", "x").replace("$request_id", "x")) for text in _documents()]
    assert [(document["status"], document["code"]) for document in documents] == [
        (400, "invalid_value"),
        (405, "method_not_allowed"),
        (413, "too_large"),
        (414, "uri_too_long"),
        (429, "throttled"),
        (503, "unavailable"),
    ]
    for document in documents:
        kind = PROBLEM_TYPES[document["code"]]
        assert (document["status"], document["title"]) == (kind.status, kind.title_en)
        assert document["type"] == f"/api/v1/problems/{document['code']}"
        assert set(document) == {"type", "title", "status", "detail", "instance", "code", "errors"}
        assert document["errors"][0]["code"] == document["code"]


def test_what_the_proxy_refuses_has_the_headers_and_the_doors_of_the_service() -> None:
    of_the_api, of_pages = NGINX.split("location /refused/api/ {")[1].split("location /refused/page/ {")
    for header in (
        f"API-Version {__version__}",
        "Cache-Control no-store",
        "Access-Control-Allow-Origin *",
        f'Access-Control-Expose-Headers "{EXPOSED}"',
        "Retry-After $retry",
        "Allow $allow",
        "X-Request-ID $request_id",
    ):
        assert f"add_header {header} always;" in of_the_api
        assert (f"add_header {header} always;" in of_pages) is not header.startswith(("API", "Access"))
    statuses = re.findall(r"location = /refused/api/(\d+) ", of_the_api)
    assert re.findall(r"location = /refused/page/(\d+) ", of_pages) == statuses
    assert re.findall(r"error_page .*/refused/\$refused/(\d+);", NGINX) == statuses


def test_the_proxy_limits_what_the_service_limits() -> None:
    limited = {
        location: re.findall(r"limit_req zone=(\w+)", block)
        for location, block in re.findall(
            r"^        location (\S.*?) \{\n(.*?)^        \}", NGINX, re.MULTILINE | re.DOTALL
        )
        if "proxy_pass" in block
    }
    assert limited == {
        "/": ["clients"], "/admin": ["clients", "desk", "logins"],
        "/admin/indicators/release/publish/": ["clients", "desk"], "= /livez": [], "= /readyz": [], "/static/": [],
    }  # fmt: skip
    assert f"zone=logins:1m rate={LOGIN_RATE.requests}r/m;" in NGINX
    assert f"limit_req zone=logins burst={LOGIN_RATE.requests} nodelay;" in NGINX


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"),
        ("2001:db8:1:2::6", "2001:db8:1:2"),
        ("2001:db8:1::6", "2001:db8:1:"),
        ("2001:db8::6", "2001:db8:"),
        ("2001:db8::a:b:c:d", "2001:db8:"),
        ("2001::6", "2001:"),
        ("2001::2:3:4:5:6", "2001::2"),
        ("::1", "::1"),
        ("::ffff:203.0.113.9", "::ffff:203.0.113.9"),
        ("unix:", "unix:"),
    ],
)
def test_an_ipv6_client_of_the_proxy_is_its_network(address: str, key: str) -> None:
    """Two addresses that differ in their last four groups alone have one key, however they are written."""
    (block,) = re.findall(r"map \$remote_addr \$client \{(.*?)\n    \}", NGINX, re.DOTALL)
    for pattern, name in re.findall(r'"~(.*?)" \$(\w+);', block):
        if found := re.search(pattern.replace("(?<", "(?P<"), address):
            assert found[name] == key
            return
    assert address == key


def _documents() -> list[str]:
    return re.findall(r"return \d+ '(\{.*\})';", NGINX)


def test_the_logs_of_the_server_are_configured_as_python_reads_them(tmp_path: Path) -> None:
    config = json.loads((ROOT / "deploy" / "granian-logs.json").read_text(encoding="utf-8"))
    names = [logging.getLogger("_granian"), logging.getLogger("_granian.serve")]
    logging.config.dictConfig({"version": 1, "disable_existing_loggers": False, **config})
    try:
        formatter = names[0].handlers[0].formatter
        assert formatter is not None
        assert type(formatter).__name__ == "JsonFormatter"
    finally:
        names[0].handlers.clear()
        names[0].propagate = True
