# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1, strictly: what is right is served, what is ambiguous is refused and reaches nobody."""

import json
import time

import pytest

import rig

BODY = json.dumps(rig.chat()).encode()
GOOD = rig.request_bytes("POST", "/v1/chat/completions", BODY)
PATH = "POST /v1/chat/completions HTTP/1.1\r\n"
TYPE = "Content-Type: application/json\r\n"
SMUGGLED = "GET /v1/models/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


def chunked(body, *sizes):
    """The body in chunks of these sizes, the rest in one."""
    out, at = b"", 0
    for size in (*sizes, len(body) - sum(sizes)):
        piece = body[at:at + size]
        at += size
        out += b"%x\r\n%s\r\n" % (len(piece), piece)
    return out + b"0\r\n\r\n"


def raw(head, body=b""):
    return head.encode("latin-1") + body


LENGTH = f"Content-Length: {len(BODY)}\r\n"

# ---- what must be refused ----------------------------------------------------

VECTORS = [
    ("two lengths that differ", raw(PATH + f"Host: x\r\n{TYPE}{LENGTH}Content-Length: 5\r\n\r\n", BODY), 400),
    ("two lengths that agree", raw(PATH + f"Host: x\r\n{TYPE}{LENGTH}{LENGTH}\r\n", BODY), 400),
    ("a list of lengths", raw(PATH + f"Host: x\r\n{TYPE}Content-Length: 5, 5\r\n\r\n", b"12345"), 400),
    ("a length with a sign", raw(PATH + f"Host: x\r\n{TYPE}Content-Length: +5\r\n\r\n", b"12345"), 400),
    ("a negative length", raw(PATH + f"Host: x\r\n{TYPE}Content-Length: -5\r\n\r\n", b"12345"), 400),
    ("a hexadecimal length", raw(PATH + f"Host: x\r\n{TYPE}Content-Length: 0x5\r\n\r\n", b"12345"), 400),
    ("a length with a letter", raw(PATH + f"Host: x\r\n{TYPE}Content-Length: 5a\r\n\r\n", b"12345"), 400),
    ("an empty length", raw(PATH + f"Host: x\r\n{TYPE}Content-Length: \r\n\r\n", b"12345"), 400),
    ("a length beyond 64 bits", raw(PATH + f"Host: x\r\n{TYPE}Content-Length: {2**64 + 5}\r\n\r\n", b"12345"), 400),
    ("length and chunked", raw(PATH + f"Host: x\r\n{TYPE}{LENGTH}Transfer-Encoding: chunked\r\n\r\n",
                               chunked(BODY) + SMUGGLED.encode()), 400),
    ("chunked and length", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: chunked\r\n{LENGTH}\r\n",
                               b"0\r\n\r\n" + SMUGGLED.encode()), 400),
    ("chunked twice", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: chunked\r\n"
                          "Transfer-Encoding: chunked\r\n\r\n", chunked(BODY)), 400),
    ("chunked, chunked", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: chunked, chunked\r\n\r\n",
                             chunked(BODY)), (400, 501)),
    ("identity", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: identity\r\n\r\n", BODY), (400, 501)),
    ("gzip, chunked", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: gzip, chunked\r\n\r\n",
                          chunked(BODY)), 501),
    ("xchunked", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: xchunked\r\n\r\n", chunked(BODY)), 501),
    ("chunked with a vertical tab", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: \x0bchunked\r\n\r\n",
                                        chunked(BODY)), (400, 501)),
    ("chunked in quotes", raw(PATH + f'Host: x\r\n{TYPE}Transfer-Encoding: "chunked"\r\n\r\n',
                              chunked(BODY)), (400, 501)),
    ("a space before the colon", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding : chunked\r\n\r\n",
                                     chunked(BODY)), 400),
    ("a space before the name", raw(PATH + f"Host: x\r\n{TYPE} Transfer-Encoding: chunked\r\n\r\n",
                                    chunked(BODY)), 400),
    ("a folded field", raw(PATH + f"Host: x\r\n{TYPE}X-A: b\r\n\tfolded\r\n{LENGTH}\r\n", BODY), 400),
    ("an empty field name", raw(PATH + f"Host: x\r\n{TYPE}: empty\r\n{LENGTH}\r\n", BODY), 400),
    ("a field without a colon", raw(PATH + f"Host: x\r\n{TYPE}nonsense\r\n{LENGTH}\r\n", BODY), 400),
    ("a NUL in a value", raw(PATH + f"Host: x\r\n{TYPE}X-A: a\0b\r\n{LENGTH}\r\n", BODY), 400),
    ("a NUL in a name", raw(PATH + f"Host: x\r\n{TYPE}X\0A: b\r\n{LENGTH}\r\n", BODY), 400),
    ("a bare CR in a value", raw(PATH + f"Host: x\r\n{TYPE}X-A: a\rb\r\n{LENGTH}\r\n", BODY), 400),
    ("a bare LF after a line", raw(PATH + f"Host: x\n{TYPE}{LENGTH}\r\n", BODY), 400),
    ("a bare LF in a value", raw(PATH + f"Host: x\r\n{TYPE}X-A: a\n{LENGTH}\r\n", BODY), 400),
    ("only LF", raw(GOOD.decode().split("\r\n\r\n")[0].replace("\r\n", "\n") + "\n\n", BODY), 400),
    ("no Host", raw(PATH + f"{TYPE}{LENGTH}\r\n", BODY), 400),
    ("two Hosts", raw(PATH + f"Host: x\r\nHost: y\r\n{TYPE}{LENGTH}\r\n", BODY), 400),
    ("two Hosts that agree", raw(PATH + f"Host: x\r\nHost: x\r\n{TYPE}{LENGTH}\r\n", BODY), 400),
    ("another Host in the target", raw(f"POST http://evil/v1/chat/completions HTTP/1.1\r\nHost: x\r\n"
                                       f"{TYPE}{LENGTH}\r\n", BODY), 400),
    ("two spaces", raw(PATH.replace(" /", "  /") + f"Host: x\r\n{TYPE}{LENGTH}\r\n", BODY), 400),
    ("a tab for a space", raw(PATH.replace(" /", "\t/") + f"Host: x\r\n{TYPE}{LENGTH}\r\n", BODY), 400),
    ("no version", raw(f"POST /v1/chat/completions\r\nHost: x\r\n{TYPE}{LENGTH}\r\n", BODY), (400, 505)),
    ("HTTP/2.0", raw(PATH.replace("1.1", "2.0") + f"Host: x\r\n{TYPE}{LENGTH}\r\n", BODY), 505),
    ("HTTP/1.2", raw(PATH.replace("1.1", "1.2") + f"Host: x\r\n{TYPE}{LENGTH}\r\n", BODY), (400, 505)),
    ("http/1.1", raw(PATH.replace("HTTP", "http") + f"Host: x\r\n{TYPE}{LENGTH}\r\n", BODY), (400, 505)),
    ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 505)),
    ("TLS on a plain port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 40 + b"\r\n\r\n", 400),
    ("a method that is no token", raw(PATH.replace("POST", "PO(ST") + f"Host: x\r\n{TYPE}{LENGTH}\r\n", BODY), 400),
    ("a control byte in the target", raw(PATH.replace("/v1", "/v1\x01") + f"Host: x\r\n{TYPE}{LENGTH}\r\n", BODY), 400),
    ("a chunk size that is none", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: chunked\r\n\r\n",
                                      b"zz\r\n" + BODY + b"\r\n0\r\n\r\n"), 400),
    ("a chunk size of 2^64", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: chunked\r\n\r\n",
                                 b"10000000000000005\r\n12345\r\n0\r\n\r\n"), 400),
    ("a chunk size with a sign", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: chunked\r\n\r\n",
                                     b"+5\r\n12345\r\n0\r\n\r\n"), 400),
    ("a chunk size with 0x", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: chunked\r\n\r\n",
                                 b"0x5\r\n12345\r\n0\r\n\r\n"), 400),
    ("a chunk longer than its size", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: chunked\r\n\r\n",
                                         b"3\r\n12345\r\n0\r\n\r\n"), 400),
    ("a chunk line that ends in LF", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: chunked\r\n\r\n",
                                         b"5\n12345\r\n0\r\n\r\n"), 400),
    ("a chunk extension with LF", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: chunked\r\n\r\n",
                                      b"5;a=\n12345\r\n0\r\n\r\n"), 400),
    ("a huge chunk extension", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: chunked\r\n\r\n",
                                   b"5;" + b"a" * 5000 + b"\r\n12345\r\n0\r\n\r\n"), 400),
    ("huge trailers", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: chunked\r\n\r\n",
                          b"5\r\n12345\r\n0\r\nX: " + b"a" * 20000 + b"\r\n\r\n"), (400, 431)),
    ("an unknown expectation", raw(PATH + f"Host: x\r\n{TYPE}{LENGTH}Expect: 200-ok\r\n\r\n", BODY), 417),
    ("a field of 40,000 bytes", raw(PATH + f"Host: x\r\n{TYPE}{LENGTH}X-A: {'a' * 40000}\r\n\r\n", BODY), 431),
    ("200 fields", raw(PATH + f"Host: x\r\n{TYPE}{LENGTH}" + "X-A: b\r\n" * 200 + "\r\n", BODY), 431),
    ("a target of 8,000 bytes", raw(PATH.replace("/v1", "/" + "a" * 8000) + f"Host: x\r\n{LENGTH}\r\n", BODY), 414),
    ("a head without an end", raw(PATH + "X-A: " + "a" * 60000), 431),
    ("a field that may stand once, twice",
     raw(PATH + f"Host: x\r\n{TYPE}{LENGTH}Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", BODY), 400),
    ("two content types", raw(PATH + f"Host: x\r\n{TYPE}{TYPE}{LENGTH}\r\n", BODY), 400),
]


@pytest.mark.parametrize("why, sent, status", VECTORS, ids=[v[0] for v in VECTORS])
def test_refused_and_closed(one, why, sent, status):
    """A wrong head or framing is answered once, the connection ends, and nothing of it is forwarded."""
    with one.wire() as w:
        # What follows belongs to a connection that is over: it must never be served.
        w.send(sent + SMUGGLED.encode() + GOOD)
        answer = w.answer()
        assert answer.status in (status if isinstance(status, tuple) else (status,)), (why, answer)
        assert answer.field("connection") == "close"
        assert answer.json()["error"]["code"] and answer.field("x-trivium-id")
        assert w.ended(), "only one answer, and then the end"
    assert one.provider.seen() == [], why
    record = one.record()
    assert record["status"] == answer.status and record["err"] == answer.code
    assert one.chat().status == 200, "and everything else goes on"


# ---- what must be served -----------------------------------------------------

SERVED = [
    ("names in any case", raw(PATH + f"hOsT: x\r\ncOnTeNt-TyPe: application/json\r\nCONTENT-LENGTH: {len(BODY)}"
                              "\r\n\r\n", BODY)),
    ("values with spaces around", raw(PATH + f"Host: \t x \t\r\n{TYPE}Content-Length:{len(BODY)}  \r\n\r\n", BODY)),
    ("an empty line before the request", b"\r\n" + GOOD),
    ("the absolute form", raw(f"POST http://localhost/v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                              f"{TYPE}{LENGTH}\r\n", BODY)),
    ("a query", raw(PATH.replace(" HTTP", "?a=b HTTP") + f"Host: x\r\n{TYPE}{LENGTH}\r\n", BODY)),
    ("a media type with a charset", raw(PATH + f"Host: x\r\nContent-Type: Application/JSON; charset=utf-8\r\n"
                                        f"{LENGTH}\r\n", BODY)),
    ("one chunk", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: chunked\r\n\r\n", chunked(BODY))),
    ("many chunks", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: chunked\r\n\r\n", chunked(BODY, 1, 2, 3, 5))),
    ("Chunked", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: Chunked\r\n\r\n", chunked(BODY))),
    ("chunk extensions", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: chunked\r\n\r\n",
                             chunked(BODY).replace(b"\r\n", b";a=b;c=\"d\"\r\n", 1))),
    ("chunk sizes with zeros", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: chunked\r\n\r\n",
                                   b"0000" + chunked(BODY))),
    ("trailers", raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: chunked\r\n\r\n",
                     chunked(BODY)[:-2] + b"X-Checksum: abc\r\n\r\n")),
    ("127 fields", raw(PATH + f"Host: x\r\n{TYPE}{LENGTH}" + "X-A: b\r\n" * 120 + "\r\n", BODY)),
    ("obs-text in a value", raw(PATH + f"Host: x\r\n{TYPE}{LENGTH}X-Name: caf\xe9\r\n\r\n", BODY)),
]


@pytest.mark.parametrize("why, sent", SERVED, ids=[v[0] for v in SERVED])
def test_served(one, why, sent):
    with one.wire() as w:
        for _ in range(2):
            w.send(sent)
            assert w.answer().status == 200, why
    assert [r["body"] for r in one.provider.seen()] == [BODY.replace(b'"m"', b'"upstream-m"')] * 2


def test_keep_alive(one):
    with one.wire() as w:
        for i in range(50):
            w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(rig.chat(say=str(i))).encode()))
            answer = w.answer()
            assert answer.json()["choices"][0]["message"]["content"].endswith(f"You said: {i}")
            assert answer.field("connection") is None
    assert one.metric("trivium_client_connections_accepted_total") == 1


def test_connection_close(one):
    with one.wire() as w:
        w.send(rig.request_bytes("POST", "/v1/chat/completions", BODY, ["Connection: close"]))
        assert w.answer().field("connection") == "close" and w.ended()


def test_http_1_0(one):
    with one.wire() as w:
        w.send(GOOD.replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert w.answer().status == 200 and w.ended()
    with one.wire() as w:
        for _ in range(2):
            w.send(GOOD.replace(b"HTTP/1.1\r\n", b"HTTP/1.0\r\nConnection: keep-alive\r\n"))
            answer = w.answer()
            assert answer.status == 200 and answer.field("connection").lower() == "keep-alive"


def test_pipelined_requests_are_answered_in_order(one):
    one.provider.script({"rules": [{"marker": "slow", "then": {"first_token_ms": 200}}]})
    say = ["slow 0", "quick 1", "slow 2", "quick 3", "quick 4"]
    sent = b"".join(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(
        rig.chat(say=s, stream=bool(i % 2))).encode()) for i, s in enumerate(say))
    with one.wire() as w:
        w.send(sent + rig.request_bytes("GET", "/v1/models"))
        bodies = [w.answer().body for _ in say]
        assert w.answer().json()["object"] == "list"
    for s, body in zip(say, bodies):
        assert s.split()[1].encode() in body
    assert len(one.records(6)) == 6


def test_a_long_pipeline(one):
    with one.wire(timeout=30) as w:
        w.send(GOOD * 200)
        assert {w.answer().status for _ in range(200)} == {200}


def test_a_pipeline_behind_a_large_body(one):
    large = rig.request_bytes("POST", "/v1/chat/completions", json.dumps(rig.chat(say="x" * 100_000)).encode())
    with one.wire() as w:
        w.send(large + GOOD + large + GOOD)
        assert [w.answer().status for _ in range(4)] == [200] * 4
    assert len(one.provider.seen()) == 4


def test_head(one):
    with one.wire() as w:
        w.send(rig.request_bytes("GET", "/v1/models"))
        whole = w.answer()
        w.send(rig.request_bytes("HEAD", "/v1/models"))
        head = w.answer(to_head=True)
        assert head.status == 200 and head.field("content-length") == whole.field("content-length")
        w.send(rig.request_bytes("HEAD", "/v1/nothing"))
        assert w.answer(to_head=True).status == 404
        w.send(rig.request_bytes("HEAD", "/v1/chat/completions"))
        answer = w.answer(to_head=True)
        assert (answer.status, answer.field("allow")) == (405, "POST")
        w.send(rig.request_bytes("GET", "/v1/models"))
        assert w.answer().body == whole.body, "no body of a HEAD answer is left on the wire"


def test_expect_continue(one):
    with one.wire() as w:
        for _ in range(2):
            w.send(rig.request_bytes("POST", "/v1/chat/completions", BODY, ["Expect: 100-continue"])[:-len(BODY)])
            assert w.head().status == 100
            w.send(BODY)
            assert w.answer().status == 200
        w.send(rig.request_bytes("POST", "/v1/chat/completions", BODY, ["Expect: 100-continue"]))
        assert w.answer().status == 200, "a client that does not wait"


def test_expect_continue_of_what_is_refused(one):
    """A body that nobody wants is not asked for."""
    with one.wire() as w:
        w.send(rig.request_bytes("POST", "/v1/chat/completions", None, [
            "Content-Length: 99999999", TYPE.strip(), "Expect: 100-continue"]))
        answer = w.head()
        assert answer.status == 413
    with one.wire() as w:
        w.send(rig.request_bytes("POST", "/v1/chat/completions", None, [
            "Content-Length: 10", "Content-Type: text/plain", "Expect: 100-continue"]))
        assert w.head().status == 415


@pytest.mark.parametrize("sent", [GOOD, SERVED[7][1]], ids=["length", "chunked"])
def test_a_request_split_at_every_byte(one, sent):
    """Two writes with the border at each place in turn, on one connection."""
    with one.wire(timeout=30) as w:
        for at in range(1, len(sent), 1 if rig.SLOW == 1 else 5):
            w.send(sent[:at])
            if at % 7 == 0:
                time.sleep(0.001)
            w.send(sent[at:])
            assert w.answer().status == 200, at


def test_a_request_in_single_bytes(one):
    with one.wire() as w:
        for b in GOOD:
            w.send(bytes([b]))
        assert w.answer().status == 200


def test_a_body_larger_than_the_first_buffer_in_small_chunks(one):
    body = json.dumps(rig.chat(say="z" * 150_000)).encode()
    with one.wire() as w:
        w.send(raw(PATH + f"Host: x\r\n{TYPE}Transfer-Encoding: chunked\r\n\r\n"))
        for at in range(0, len(body), 997):
            piece = body[at:at + 997]
            w.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        w.send(b"0\r\n\r\n" + GOOD)
        assert [w.answer().status, w.answer().status] == [200, 200]
    assert one.provider.seen()[0]["body"] == body.replace(b'"m"', b'"upstream-m"', 1)


def test_an_idle_connection_may_just_close(one):
    for _ in range(10):
        one.wire().close()
    assert one.chat().status == 200
    assert len(one.records(1)) == 1, "nobody asked, so nothing is recorded"


def test_a_client_that_goes_away_inside_of_its_request(one):
    with one.wire() as w:
        w.send(GOOD[:-10])
    with one.wire() as w:
        w.send(GOOD[:30])
    assert one.chat().status == 200
    assert one.provider.last()["number"] == 1
    assert all(r["err"] in ("client_gone", "ok") for r in one.records())


def test_a_head_that_does_not_come_is_given_up(provider, gateway):
    p = provider()
    g = gateway(rig.config({"m": rig.model(p)}, limits={"header_ms": 300}))
    with g.wire() as w:
        w.send(GOOD[:30])
        answer = w.answer()
        assert (answer.status, answer.code) == (408, "request_timeout")
        assert w.ended()
    with g.wire() as w:
        for b in GOOD[:20]:
            try:
                w.send(bytes([b]))
            except OSError:
                break
            time.sleep(0.05)
        assert w.answer().status == 408, "single bytes do not buy more time"
