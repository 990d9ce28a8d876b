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
    """Asks all the time on new connections, and keeps the longest wait."""

    def __init__(self, gateway):
        super().__init__(daemon=True)
        self.gateway, self.worst, self.count, self.problems, self.over = gateway, 0, 0, [], False

    def run(self):
        while not self.over:
            began = time.monotonic()
            try:
                assert self.gateway.chat().status == 200
            except (OSError, AssertionError) as e:
                self.problems.append(repr(e))
            self.worst = max(self.worst, time.monotonic() - began)
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
        g = gateway(rig.config({"m": rig.model(provider()), "bad": bad}))
        g.upstream = started[-1]
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
            drain(w, 1.5)
            assert ASAN or held(pid) < 16 * MIB
            assert rig.children_of(g.pid) == [pid]
        assert caller.problems == [] and caller.count >= 10 / rig.SLOW, (why, caller.problems, caller.count)
        assert caller.worst < LATE, (why, caller.worst)
