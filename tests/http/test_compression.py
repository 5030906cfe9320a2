"""Text travels compressed as the client likes it, its validators hold in every coding, and the desk is left out."""

import gzip
import random
from collections.abc import Callable
from contextlib import closing
from typing import Any

import brotli
import pytest
from django.test import Client, RequestFactory

from indicators.formats import FORMATS
from indicators.http.compression import SMALLEST, coding_of, encoded
from indicators.http.spool import IN_MEMORY, finished

DECODERS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "br": brotli.decompress}

#: name -> address and its headers, status
ANSWERS: dict[str, tuple[str, dict[str, str], int]] = {
    "json": ("/api/v1/observations?indicator=urbanization_rate", {}, 200),
    "csv": ("/api/v1/observations?format=csv", {}, 200),
    "table": ("/api/v1/regions?format=csv", {}, 200),
    "problem": ("/api/v1/observations?yeer=2020&bogus=1", {}, 400),
    "openapi": ("/api/v1/openapi.yaml", {}, 200),
    "console": ("/api/v1/docs?script", {}, 200),
    "page": ("/", {"Accept": "text/html"}, 200),
    "document": ("/docs/quickstart?lang=zh", {"Accept": "text/html"}, 200),
}


def ask(name: str, accept_encoding: str, method: str = "get", **more: str) -> Any:
    address, headers, status = ANSWERS[name]
    headers = {**headers, "Accept-Encoding": accept_encoding, **more}
    response = getattr(Client(), method)(address, headers=headers)
    assert response.status_code == (304 if "If-None-Match" in more or "If-Modified-Since" in more else status)
    return response


@pytest.mark.parametrize(
    ("accept_encoding", "coding"),
    [
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("GZIP", "gzip"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("gzip;q=0.5,br;q=0.5", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0, gzip;q=0.0", None),
        ("*", "br"),
        ("*;q=0.1", "br"),
        ("br;q=0, *", "gzip"),
        ("*;q=0", None),
        ("gzip;q=0.5, *;q=0", "gzip"),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("identity;q=0", None),  # none that the client names is left: it gets the answer as it is (RFC 9110, 12.5.3)
        ("identity;q=0, *", "br"),
        ("zstd, compress", None),
        (", ,;;gzip;q=,=", None),
        ("gzip " * 20_000, None),
    ],
)
def test_the_client_chooses_the_coding(accept_encoding: str, coding: str | None) -> None:
    request = RequestFactory().get("/", headers={"Accept-Encoding": accept_encoding})
    assert coding_of(request, "application/json") == coding
    assert coding_of(RequestFactory().get("/"), "application/json") is None


@pytest.mark.parametrize("f", FORMATS, ids=lambda f: f.name)
def test_a_format_is_text_or_packed_already(f: Any) -> None:
    request = RequestFactory().get("/", headers={"Accept-Encoding": "gzip"})
    assert (coding_of(request, f.content_type) is None) == f.binary


@pytest.mark.parametrize(
    ("content_type", "text"),
    [
        ("application/vnd.sdmx.data+json;version=2.0.0", True),
        ("application/vnd.sdmx.data+csv; version=2.0.0; labels=both", True),
        ("application/vnd.sdmx.structure+xml", True),
        ("application/x-ndjson", True),
        ("application/problem+json", True),
        ("application/ld+json", True),
        ("application/rdf+xml", True),
        ("text/turtle; charset=utf-8", True),
        ("image/svg+xml", True),
        ("image/png", False),
        ("application/zip", False),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", False),
        ("application/vnd.apache.parquet", False),
        ("application/octet-stream", False),
        ("", False),
    ],
)
def test_text_is_told_by_its_type(content_type: str, text: bool) -> None:
    request = RequestFactory().get("/", headers={"Accept-Encoding": "br"})
    assert coding_of(request, content_type) == ("br" if text else None)
    refused = RequestFactory().get("/", headers={"Accept-Encoding": "br, identity;q=0"})
    assert coding_of(refused, content_type) == "br", "what the client refuses as it is, is compressed whatever it is"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_an_answer_is_the_same_in_every_coding(name: str, coding: str) -> None:
    plain, packed, head = ask(name, "identity"), ask(name, coding), ask(name, coding, "head")
    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == head["Content-Encoding"] == coding
    assert DECODERS[coding](packed.getvalue()) == plain.getvalue()
    assert int(packed["Content-Length"]) == len(packed.getvalue()) < int(plain["Content-Length"]) / 2
    assert head.getvalue() == b""
    assert head.get("Content-Length", packed["Content-Length"]) == packed["Content-Length"]
    for header in ("Vary", "Content-Type", "Cache-Control", "Link", "Last-Modified", "Content-Disposition"):
        assert plain.get(header) == packed.get(header) == head.get(header)
    varies = {part.strip() for part in packed["Vary"].split(",")}
    assert varies == {"Accept", "Accept-Encoding"} | ({"Accept-Language"} if name in ("page", "document") else set())


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name, (_, _, status) in ANSWERS.items() if status == 200])
def test_a_validator_holds_in_every_coding(name: str) -> None:
    answers = {coding: ask(name, coding) for coding in ("identity", "gzip", "br")}
    tags = {coding: answer["ETag"] for coding, answer in answers.items()}
    assert tags["gzip"] == tags["br"] == f"W/{tags['identity']}"
    for known in tags.values():
        for coding, answer in answers.items():
            for method in ("get", "head"):
                again = ask(name, coding, method, **{"If-None-Match": known})
                assert again.getvalue() == b""
                assert "Content-Length" not in again
                assert "Content-Encoding" not in again
                headers = ("ETag", "Vary", "Cache-Control", "Last-Modified")
                assert [again[header] for header in headers] == [answer[header] for header in headers]


@pytest.mark.django_db
def test_short_bodies_are_left_as_they_are_unless_refused() -> None:
    def unit(accept_encoding: str) -> Any:
        return Client().get("/api/v1/units/percent", headers={"Accept-Encoding": accept_encoding})

    short, packed = unit("gzip"), unit("gzip, identity;q=0")
    assert len(short.content) < SMALLEST
    assert "Content-Encoding" not in short
    assert gzip.decompress(packed.content) == short.content
    assert short["ETag"] == packed["ETag"]
    assert unit("gzip, identity;q=0")["Content-Encoding"] == "gzip"


@pytest.mark.django_db
def test_a_range_is_not_served() -> None:
    for coding in ("identity", "gzip"):
        answer = ask("csv", coding, Range="bytes=0-99")
        assert int(answer["Content-Length"]) > 50_000
        assert "Accept-Ranges" not in answer


@pytest.mark.django_db
def test_the_desk_is_not_compressed(client: Client) -> None:
    page = client.get("/admin/login/", headers={"Accept-Encoding": "gzip, br"})
    assert len(page.content) > SMALLEST
    assert "Content-Encoding" not in page
    assert b"csrfmiddlewaretoken" in page.content


@pytest.mark.django_db
@pytest.mark.parametrize("coding", DECODERS)
@pytest.mark.parametrize("size", [0, 1, 100_000, 3 * IN_MEMORY])
def test_a_whole_slice_is_compressed_on_its_way(coding: str, size: int) -> None:
    block = bytes(range(256)) * 256
    chunks = [block[: min(len(block), size - begin)] for begin in range(0, size, len(block))]
    with closing(finished(iter(chunks), "text/csv", coding)) as response:
        assert response["Content-Encoding"] == coding
        body = response.getvalue()
        assert DECODERS[coding](body) == b"".join(chunks)
        assert response.get("Content-Length", str(len(body))) == str(len(body))


@pytest.mark.django_db
@pytest.mark.parametrize("coding", DECODERS)
def test_a_long_body_that_does_not_shrink_has_its_length(coding: str) -> None:
    noise = [random.Random(n).randbytes(1_000_000) for n in range(12)]
    with closing(finished(iter(noise), "text/csv", coding)) as response:
        assert response.streaming
        body = response.getvalue()
        assert int(response["Content-Length"]) == len(body) > IN_MEMORY
        assert DECODERS[coding](body) == b"".join(noise)


def test_a_coding_is_made_of_what_comes_piece_by_piece() -> None:
    for coding, decode in DECODERS.items():
        pieces = list(encoded((f"{n},{n * n}\r\n".encode() for n in range(100_000)), coding))
        assert len(pieces) > 3, "nothing is held back until the end"
        assert decode(b"".join(pieces)).startswith(b"0,0\r\n1,1\r\n2,4\r\n")
