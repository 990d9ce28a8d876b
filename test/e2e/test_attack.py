# SPDX-License-Identifier: Apache-2.0
"""Peers that mean harm: nobody else waits for them, what they hold is little, and all of it comes back.

Everything is measured on the child: proportional set size, descriptors, and how
long a well-behaved caller waits meanwhile.
"""

import contextlib
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import threading
import time

import pytest

import rig

CHAT = "/v1/chat/completions"
GOOD = rig.request_bytes("POST", CHAT, json.dumps(rig.chat()).encode())
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
TYPE = b"Content-Type: application/json\r\n"
EVENT = b'data: {"id":"x","choices":[{"index":0,"delta":{"content":"y"}}]}\n\n'
LATE = 0.5 * rig.SLOW                    # a caller beside an attack waits less than this
KIB, MIB = 1 << 10, 1 << 20
pytestmark = pytest.mark.skipif(os.environ.get("TRIVIUM_SAN") == "thread",
                                reason="measures memory and time, which this sanitizer multiplies")
ASAN = bool(os.environ.get("TRIVIUM_SAN"))     # keeps what was freed: its memory says nothing


# ---- what is measured ---------------------------------------------------------

def child(gateway):
    return rig.children_of(gateway.pid)[0]


def held(pid):
    """Bytes of memory that are this process's own."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        return next(int(x.split()[1]) * KIB for x in f if x.startswith("Pss:"))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


@contextlib.contextmanager
def unharmed(gateway, slack=2 * MIB):
    """Whatever happens inside: the same child goes on, and holds no more than before."""
    for _ in range(3):
        assert gateway.chat().status == 200
    pid = child(gateway)
    memory, files = held(pid), descriptors(pid)
    yield pid
    rig.eventually(lambda: gateway.chat().status == 200, 5, "an answer afterwards")
    assert rig.children_of(gateway.pid) == [pid] and b"child_crashed" not in gateway.stderr()
    rig.eventually(lambda: descriptors(pid) <= files + 2, 10, "descriptors given back")
    if not ASAN:
        rig.eventually(lambda: held(pid) <= memory + slack, 5, f"memory given back, {memory} before")


class Caller(threading.Thread):
    """
    Asks all the time on new connections, and keeps the longest wait; what the machine withheld
    from those who take part in an answer is not the gateway's doing.
    """

    def __init__(self, gateway):
        super().__init__(daemon=True)
        self.gateway, self.worst, self.count, self.problems, self.over = gateway, 0, 0, [], False
        self.pids = [child(gateway), gateway.provider.pid]

    def run(self):
        while not self.over:
            began = time.monotonic() - rig.withheld(self.pids)
            try:
                assert self.gateway.chat().status == 200
            except (OSError, AssertionError) as e:
                self.problems.append(repr(e))
            self.worst = max(self.worst, time.monotonic() - rig.withheld(self.pids) - began)
            self.count += 1
            time.sleep(0.005)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.join()


class Upstream(threading.Thread):
    """A server that does with each connection what `act` says."""

    def __init__(self, act):
        super().__init__(daemon=True)
        self.act, self.over = act, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.start()

    def run(self):
        while True:
            try:
                s = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.one, args=(s,), daemon=True).start()

    def one(self, s):
        with s, contextlib.suppress(OSError):
            self.act(self, s)

    def stop(self):
        self.over = True
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def read_request(s):
    s.settimeout(10 * rig.SLOW)
    got = b""
    while not got.endswith(b"}"):
        got += s.recv(65536)
    return got


def reset(s):
    """Closes so that the peer sees a reset."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def endless(first, again):
    """An answer that never ends, as fast as it is read."""
    block = again * max(1, 65536 // len(again))

    def act(upstream, s):
        read_request(s)
        s.sendall(first)
        while not upstream.over:
            s.sendall(block)
    return act


@pytest.fixture
def between(provider, gateway):
    """between(act) is a gateway with a good model `m` and a hostile one `bad`."""
    started = []

    def start(act, **more):
        started.append(Upstream(act))
        bad = {"vendor": "vllm", "zone": "edge", "url": started[-1].url, **more}
        good = provider()
        g = gateway(rig.config({"m": rig.model(good), "bad": bad}))
        g.upstream, g.provider = started[-1], good
        return g
    yield start
    for u in started:
        u.stop()


def drain(wire, seconds):
    """Reads and forgets for so long; the number of bytes."""
    until, count = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        wire.sock.settimeout(max(0.01, until - time.monotonic()))
        try:
            got = len(wire.sock.recv(MIB))
        except (TimeoutError, ConnectionResetError):
            break
        if got == 0:
            break
        count += got
    return count


# ---- hostile upstreams --------------------------------------------------------

ENDLESS = [
    ("interim answers", b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    ("a head", b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    ("one field", b"HTTP/1.1 200 OK\r\nX-A: ", b"b" * 1000),
    ("comments", STREAM + b"\r\n", b": hi\n\n"),
    ("blank lines", STREAM + b"\r\n", b"\n"),
    ("events", STREAM + b"\r\n", EVENT),
    ("one event", STREAM + b"\r\ndata: ", b"aaaaaaaa"),
    ("one line of many", STREAM + b"\r\n", b"data: a\n"),
    ("a chunk extension", STREAM + b"Transfer-Encoding: chunked\r\n\r\n5;", b"aaaa"),
    ("small chunks", STREAM + b"Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"a" * 200 + b"\r\n:\r\n"),
    ("trailers", STREAM + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-A: b\r\n"),
]


@pytest.mark.parametrize("why, first, again", ENDLESS, ids=[e[0] for e in ENDLESS])
def test_an_answer_without_end(between, why, first, again):
    """It is cut, or goes on beside the others; nobody else waits for it."""
    g = between(endless(first, again))
    with unharmed(g, 4 * MIB) as pid:
        with g.wire() as w, Caller(g) as caller:
            w.send(rig.request_bytes("POST", CHAT, json.dumps(rig.chat("bad", stream=True)).encode()))
            drain(w, 0.8)
            assert ASAN or held(pid) < 16 * MIB
            assert rig.children_of(g.pid) == [pid]
        assert caller.problems == [] and caller.count >= 3, (why, caller.problems, caller.count)
        assert caller.worst < LATE, (why, caller.worst)


def test_an_event_in_small_pieces_is_not_searched_again_and_again(between):
    def drip(upstream, s):
        read_request(s)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        s.sendall(STREAM + b"\r\ndata: " + b"a" * 900_000)
        while not upstream.over:
            s.sendall(b"a")
            time.sleep(0.0001)
    g = between(drip)
    with unharmed(g, 4 * MIB), g.wire() as w, Caller(g) as caller:
        w.send(rig.request_bytes("POST", CHAT, json.dumps(rig.chat("bad", stream=True)).encode()))
        drain(w, 1)
    assert caller.problems == [] and caller.worst < LATE, caller.worst


PHASES = [
    ("accepted", None), ("asked", b""), ("in the head", b"HTTP/1.1 200"), ("after the head", STREAM + b"\r\n"),
    ("in an event", STREAM + b"\r\ndata: {"), ("after an event", STREAM + b"\r\n" + EVENT),
    ("in a chunk", STREAM + b"Transfer-Encoding: chunked\r\n\r\nff\r\ndata"),
    ("in a body", b"HTTP/1.1 200 OK\r\n" + TYPE + b"Content-Length: 99\r\n\r\n{"),
    ("in an error", b"HTTP/1.1 429 No\r\n" + TYPE + b"Content-Length: 99\r\n\r\n{"),
]


@pytest.mark.parametrize("how", ["reset", "close"])
def test_an_upstream_that_leaves(between, how):
    def act(upstream, s):
        if upstream.said is not None:
            read_request(s)
            s.sendall(upstream.said)
        if how == "reset":
            reset(s)
    g = between(act)
    with unharmed(g):
        for when, g.upstream.said in PHASES:
            for _ in range(5):
                answer = g.chat(rig.chat("bad", stream=True))
                assert answer.status in (429, 502, 503) or b'"error"' in answer.body, (when, answer)


WRONG = [
    ("compressed", b"HTTP/1.1 200 OK\r\n" + TYPE + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"),
    ("a redirect", b"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"),
    ("a chunk of 2^64", STREAM + b"Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\nx"),
    ("a chunk of 2^63", STREAM + b"Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nx"),
    ("a length of 2^64", b"HTTP/1.1 200 OK\r\n" + TYPE + b"Content-Length: 18446744073709551616\r\n\r\n{}"),
    ("a length of 2^63", b"HTTP/1.1 200 OK\r\n" + TYPE + b"Content-Length: 9223372036854775807\r\n\r\n{}"),
    ("another protocol", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
    ("no HTTP", b"\x16\x03\x01\x00\x05hello"),
]


@pytest.mark.parametrize("why, said", WRONG, ids=[w[0] for w in WRONG])
def test_an_answer_that_is_none(between, why, said):
    def act(_, s):
        read_request(s)
        s.sendall(said)
        s.recv(1)
    g = between(act, first_byte_ms=300)
    with unharmed(g):
        assert g.chat(rig.chat("bad", stream=True)).status in (502, 504), why


def test_bytes_behind_an_answer_reach_nobody(between):
    """What an upstream says unasked is nobody's answer."""
    whole = b'HTTP/1.1 200 OK\r\n' + TYPE + b'Content-Length: 9\r\n\r\n{"a": "%s"}'

    def act(upstream, s):
        read_request(s)
        s.sendall(whole.replace(b"%s", b"1") + whole.replace(b"%s", b"2"))
        s.recv(1)
    g = between(act)
    with unharmed(g):
        for _ in range(5):
            a = g.chat(rig.chat("bad"))
            assert a.status == 502 or b"2" not in a.body, a


# ---- hostile clients ----------------------------------------------------------

def somaxconn():
    with open("/proc/sys/net/core/somaxconn", encoding="ascii") as f:
        return min(int(f.read()), 4096)


# What the system keeps of connections that are not accepted yet.  When that is full, a
# caller's system asks again after a second: nothing that a gateway could do anything about.
QUEUE = somaxconn()
HEAD = b"POST " + CHAT.encode() + b" HTTP/1.1\r\nHost: x\r\n" + TYPE
WAITING = [
    ("nothing", b"", 64),
    ("one byte", b"P", 64),
    ("half a head", HEAD + b"X-A: " + b"a" * 2000, 1),
    ("a promise of 32 MiB", HEAD + b"Content-Length: 33554432\r\n\r\n{", 64),
    ("a chunk of 32 MiB", HEAD + b"Transfer-Encoding: chunked\r\n\r\n2000000\r\n{", 64),
]


@pytest.mark.parametrize("why, sent, wire", WAITING, ids=[w[0] for w in WAITING])
def test_connections_that_only_wait(one, why, sent, wire):
    """
    What each holds is at most 100 times what it cost its owner: its bytes, and those of
    the handshake of TCP, 3 packets of 64 bytes.  All of it is given back.
    """
    count = min(2000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2 - 100)
    with unharmed(one, 8 * MIB) as pid, contextlib.ExitStack() as stack:
        before = held(pid)
        with Caller(one) as caller:
            for i in range(count):
                w = stack.enter_context(one.wire())
                w.send(sent)
                if i % (QUEUE // 2) == 0:
                    assert one.chat().status == 200, "whoever came before has been accepted"
            time.sleep(0.3)
            each = (held(pid) - before) / count
        assert caller.problems == [] and caller.worst < LATE, (why, caller.worst)
        assert ASAN or each <= 100 * (len(sent) + 3 * 64), (why, each)


def test_a_full_queue_of_connections_is_taken_without_a_pause(one):
    """
    Many came while the gateway did something else, and then nobody: no event tells of the
    last of them, which are served as soon as the first have been.
    """
    count = min(1500, QUEUE // 2, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2 - 100)
    with unharmed(one, 8 * MIB) as pid, contextlib.ExitStack() as stack:
        os.kill(pid, signal.SIGSTOP)
        wires = [stack.enter_context(one.wire()) for _ in range(count)]
        wires[-1].send(GOOD)
        began = time.monotonic() - rig.withheld([pid, one.provider.pid])
        os.kill(pid, signal.SIGCONT)
        assert wires[-1].answer().status == 200
        took = time.monotonic() - rig.withheld([pid, one.provider.pid]) - began
    assert took < LATE, took


def test_ten_thousand_connections(one):
    """Many more than are kept: afterwards the stacks are the system's again."""
    count = min(10000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2 - 100)
    with unharmed(one, 8 * MIB), contextlib.ExitStack() as stack:
        for _ in range(count):
            w = stack.enter_context(one.wire())
            w.send(b"P")
        assert one.chat().status == 200


PRE = b'{"model":"m","messages":[{"role":"user","content":"x"}],"x":'
BOMBS = [
    ("values", PRE + b"[" + b"1," * (4 * MIB) + b"1]}"),
    ("objects", PRE + b"[" + b"{}," * (2 * MIB) + b"1]}"),
    ("depth", PRE + b"[" * (4 * MIB)),
    ("escapes", PRE + b'"' + b"\\u0041" * MIB + b'"}'),
    ("digits", PRE + b"1" * (8 * MIB) + b"}"),
    ("long names", PRE + b"{" + b",".join(b'"%s%d":1' % (b"k" * 200_000, i) for i in range(40)) + b"}}"),
    ("many names", PRE + b"{" + b",".join(b'"%x":1' % i for i in range(700_000)) + b"}}"),
    ("names that differ at their ends",
     PRE + b"{" + b",".join(b'"%s%07d":1' % (b"a" * 100, i) for i in range(80_000)) + b"}}"),
    ("escaped names", PRE + b"{" + b",".join(b'"\\u0061%x":1' % i for i in range(400_000)) + b"}}"),
    ("a long model", b'{"messages":[],"model":"' + b"\\u006d" * MIB + b'"}'),
    ("small chunks", b"".join(b"1;%s\r\n%c\r\n" % (b"e" * 200, c) for c in b"[" * 40_000)),
]


@pytest.mark.parametrize("why, body", BOMBS, ids=[b[0] for b in BOMBS])
def test_a_bomb(one, why, body):
    chunked = why == "small chunks"
    fields = ["Transfer-Encoding: chunked"] if chunked else []
    with unharmed(one, 8 * MIB) as pid:
        before, peak = held(pid), 0
        with one.wire(timeout=20) as w, Caller(one) as caller:
            sender = threading.Thread(target=lambda: send_all(w, rig.request_bytes("POST", CHAT, body, fields)))
            sender.start()
            until = time.monotonic() + 1.5
            while time.monotonic() < until and not rig.is_readable(w.sock, 0):
                peak = max(peak, held(pid))
                time.sleep(0.005)
            if chunked:
                w.sock.shutdown(socket.SHUT_RDWR)
            else:
                assert w.answer().status in (200, 400, 404, 413, 503), why
            sender.join()
        assert ASAN or peak - before <= 100 * len(body) and peak < 128 * MIB, (why, peak)
        assert caller.problems == [] and caller.worst < LATE, (why, caller.worst)


LONG = [
    ("names of one object", PRE + b"{" + b",".join(b'"\\u0061%x":1' % i for i in range(1_600_000)) + b"}}"),
    ("names of many objects", PRE + b"[" + b",".join(
        [b"{" + b",".join(b'"%02d":1' % k for k in range(64)) + b"}"] * 32_000) + b"]}"),
    ("values without a text", PRE + b"[" + b",".join([b"[]"] * 4_000_000) + b"]}"),
]


@pytest.mark.parametrize("why, body", LONG, ids=[b[0] for b in LONG])
def test_a_body_that_takes_long_lets_the_others_have_their_turns(one, why, body):
    """
    However fast the machine: who comes meanwhile waits for a part of what such a body costs.
    The best of five, for noise makes a wait longer and never shorter.
    """
    parts = []
    with unharmed(one, 8 * MIB) as pid:
        for _ in range(5):
            with one.wire(timeout=20) as w, Caller(one) as caller:
                before = ran(pid)
                w.send(rig.request_bytes("POST", CHAT, body))
                assert w.answer().status in (200, 503), why
                cost = ran(pid) - before
            assert caller.problems == []
            parts.append(caller.worst / cost)
    assert min(parts) < 0.4, parts


def test_a_client_that_leaves_while_its_body_is_parsed(one):
    with unharmed(one, 8 * MIB):
        for _ in range(5):
            with one.wire() as w:
                w.send(rig.request_bytes("POST", CHAT, LONG[0][1]))
        rig.eventually(lambda: one.metric("trivium_requests_in_flight") == 0, 5, "nothing is in flight")
    assert "client_gone" in {r.get("err") for r in one.records()}


def ran(pid):
    """Seconds that the first thread of a process has run."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as f:
        return int(f.read().split()[0]) / 1e9


def send_all(wire, data):
    with contextlib.suppress(OSError):
        wire.send(data)


def test_a_head_that_leaves_no_room_for_its_body(one):
    """Reads of a few bytes would take seconds for a body like this one."""
    head = HEAD + b"Transfer-Encoding: chunked\r\n"
    head += b"X-A: " + b"a" * (32765 - len(head) - 9) + b"\r\n\r\n"
    body = json.dumps(rig.chat(say="a" * (4 * MIB))).encode()
    with unharmed(one), one.wire() as w, Caller(one) as caller:
        sender = threading.Thread(target=lambda: send_all(w, head + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"))
        sender.start()
        assert w.answer().status == 431
        sender.join()
    assert caller.problems == [] and caller.worst < LATE


def test_a_pipeline_without_end(one):
    with unharmed(one), one.wire() as w, Caller(one) as caller:
        reader = threading.Thread(target=lambda: drain(w, 1.5))
        reader.start()
        until = time.monotonic() + 1
        while time.monotonic() < until:
            send_all(w, rig.request_bytes("GET", "/v1/models") * 500)
        reader.join()
    assert caller.problems == [] and caller.worst < LATE, caller.worst


def test_clients_that_leave_at_every_byte(one):
    """Reset, close and half-close behind every tenth byte of a request."""
    with unharmed(one):
        for how in (reset, lambda s: s.close(), lambda s: s.shutdown(socket.SHUT_WR)):
            for end in range(0, len(GOOD) + 1, 10):
                with one.wire() as w:
                    w.send(GOOD[:end])
                    how(w.sock)


# ---- TLS ----------------------------------------------------------------------

def test_what_is_no_tls(provider, gateway, authority):
    certificate, key = authority.issue("localhost", ["localhost"])
    g = gateway(rig.config({"m": rig.model(provider())}, listen={"tls": {"certificate": certificate, "key": key}}))
    tls = authority.client() if hasattr(authority, "client") else None
    with contextlib.ExitStack() as stack:
        pid, files = child(g), descriptors(child(g))
        for said in (GOOD, b"\x16\x03\x01", b"\x16\x03\x01\x40\x00" + b"\xff" * 16384, os.urandom(4096),
                     b"\x15\x03\x03\x00\x02\x02\x28", b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03"):
            for _ in range(20):
                w = stack.enter_context(g.wire())
                send_all(w, said)
        if tls is not None:
            assert g.chat(tls=tls).status == 200
        stack.close()
        rig.eventually(lambda: descriptors(pid) <= files + 2, 5, "descriptors given back")
        assert rig.children_of(g.pid) == [pid] and g.admin("/healthz").status == 200


# ---- the process --------------------------------------------------------------

def start(folder, provider, name, limit=None, redirect=""):
    """The program as a shell starts it, with a limit of the system, or without standard descriptors."""
    port, admin = rig.free_port(), rig.free_port()
    path = os.path.join(folder, name + ".yaml")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(rig.config({"m": rig.model(provider)}, listen=f"127.0.0.1:{port}", admin=f"127.0.0.1:{admin}",
                             workers=1, log={"file": os.path.join(folder, name + ".log")}), f)
    process = subprocess.Popen(["/bin/sh", "-c", f"exec {rig.BINARY} run --config {path} {redirect}"],
                               env=rig.clean_environment(),
                               preexec_fn=lambda: limit and resource.setrlimit(limit[0], (limit[1], limit[1])))

    def asks():
        try:
            with rig.Wire(port, timeout=2) as w:
                w.send(GOOD)
                return w.answer().status == 200
        except (OSError, AssertionError):
            return False
    return process, port, asks


@contextlib.contextmanager
def ending(process):
    try:
        yield
        process.send_signal(signal.SIGTERM)
        assert process.wait(15 * rig.SLOW) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.mark.parametrize("redirect", ["0<&- 1>&- 2>&-", "2>&-", ">/dev/full 2>/dev/full"])
def test_without_standard_descriptors(folder, provider, redirect):
    process, _, asks = start(folder, provider(), "closed", redirect=redirect)
    with ending(process):
        rig.eventually(asks, 10, "an answer")
        for _ in range(3):
            process.send_signal(signal.SIGHUP)
            time.sleep(0.05)
        time.sleep(1.1)
        os.kill(rig.children_of(process.pid)[0], signal.SIGKILL)
        rig.eventually(asks, 10, "an answer of the next child")


@pytest.mark.parametrize("what, limit", [
    ("descriptors", (resource.RLIMIT_NOFILE, 64)),
    pytest.param("memory", (resource.RLIMIT_AS, 120 * MIB), marks=pytest.mark.skipif(ASAN, reason="needs terabytes")),
])
def test_until_nothing_is_left(folder, provider, what, limit):
    """Whatever runs out, the same child serves again as soon as it is there again."""
    process, port, asks = start(folder, provider(), what, limit, ">/dev/null 2>/dev/null")
    with ending(process), contextlib.ExitStack() as stack:
        rig.eventually(asks, 10, "an answer")
        pid = rig.children_of(process.pid)
        for i in range(1500):
            w = stack.enter_context(rig.Wire(port))
            send_all(w, b"P" if i % 2 else HEAD + b"Content-Length: 33554432\r\n\r\n" + b"[" * 1000)
        time.sleep(0.3)
        rig.eventually(asks, 5, "an answer beside those that only wait")
        assert rig.children_of(process.pid) == pid
        stack.close()
        rig.eventually(asks, 10, "an answer afterwards")
        assert rig.children_of(process.pid) == pid


MODELS = rig.request_bytes("GET", "/v1/models")
HOLDING = [
    ("nothing was said", b"", b""),
    ("answered", MODELS, b""),
    ("half a head", b"GET /v1/models HTTP/1.1\r\nHo", b"HTTP/1.1 503 "),
    ("half a body", HEAD + b"Content-Length: 100\r\n\r\n{", b"HTTP/1.1 503 "),
]


@pytest.mark.parametrize("why, said, heard", HOLDING, ids=[h[0] for h in HOLDING])
def test_who_only_waits_makes_room_for_who_comes(folder, provider, why, said, heard):
    """With 64 descriptors and hundreds of connections: each caller is answered at once, the first are closed."""
    process, port, asks = start(folder, provider(), "room", (resource.RLIMIT_NOFILE, 64))
    with ending(process), contextlib.ExitStack() as stack:
        rig.eventually(asks, 10, "an answer")
        wires = []
        for i in range(300):
            wires.append(stack.enter_context(rig.Wire(port)))
            wires[-1].send(said)
            if said == MODELS:
                assert wires[-1].answer().status == 200, (why, i)
            if i % 10 == 9:
                began = time.monotonic()
                assert asks(), (why, i)
                assert time.monotonic() - began < 1 * rig.SLOW, (why, i)
        for w in wires[:200]:
            w.sock.settimeout(5 * rig.SLOW)
            while w.more():
                pass
            assert w.buffer.startswith(heard) and (heard or w.buffer == b""), (why, w.buffer)
        if said == MODELS:
            wires[-1].send(said)
            assert wires[-1].answer().status == 200, "the last one was kept"


def test_a_storm_of_signals(provider, gateway):
    p = provider()
    good = rig.config({"m": rig.model(p)})
    g = gateway(good)
    g.provider = p
    with unharmed(g, 4 * MIB), Caller(g) as caller:
        for i in range(60):
            g.write("nonsense: [" if i % 3 == 0 else rig.config({"m": rig.model(p, id=f"i{i}")}))
            g.signal(signal.SIGHUP)
            time.sleep(0.01)
        g.write(good)
        g.signal(signal.SIGHUP)
        rig.eventually(lambda: g.chat().json()["model"] == "m", 5, "the last one counts")
    assert caller.problems == [] and caller.worst < LATE, (caller.problems[:3], caller.worst)
