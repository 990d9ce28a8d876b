# SPDX-License-Identifier: Apache-2.0
"""
One hundred bytes held for one byte sent is a security bug (THREATS.md), for each row of src/core/limit.tbl.

Each row stands here once: with the case that sends what is worst for it, or with the reason why no stranger
can make anything of it grow.  What is held is measured on the child, as its proportional set size, for many
peers at once; what was sent are the peers' bytes and, of connections, the 3 packets of 64 bytes that open one.
"""

import contextlib
import json
import os
import re
import socket
import threading
import time

import pytest

import rig
from test_attack import CHAT, HEAD, KIB, MIB, PRE, STREAM, TYPE, Upstream, child, held, read_request, send_all

pytestmark = pytest.mark.skipif(bool(os.environ.get("TRIVIUM_SAN")), reason="sanitizers keep what was freed")
FACTOR = 100
OPENING = 3 * 64


def whole(body, *fields):
    return rig.request_bytes("POST", CHAT, body, list(fields))


# A client sends, and waits: (rows, what, its bytes, how many of it at once).
CLIENTS = [
    ("HEAD_BYTES_MAX", "a head that is almost too long", HEAD + b"X-A: " + b"a" * 32_000, 100),
    ("HEADER_COUNT_MAX", "a head of as many fields as may be", HEAD + b"a:\r\n" * 120, 300),
    ("TARGET_BYTES_MAX", "a long target", b"GET /" + b"a" * 4000, 300),
    ("CLIENT_BUFFER_BYTES FIBER_STACK_BYTES FIBER_MAX CLIENT_CONNECTIONS_MAX CHUNK_ROOM_MIN", "one byte", b"P", 1500),
    ("REQUEST_BYTES_MAX", "a promise", HEAD + b"Content-Length: 33554432\r\n\r\n{", 300),
    ("REQUEST_BYTES_MAX", "half of a large body", HEAD + b"Content-Length: 33554432\r\n\r\n" + b"1" * (9 * MIB), 2),
    ("CHUNK_LINE_BYTES_MAX", "a chunk of one byte, with an extension",
     HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"e" * 200 + b"\r\nx", 300),
    ("CHUNK_LINE_BYTES_MAX", "a chunk that is announced", HEAD + b"Transfer-Encoding: chunked\r\n\r\n2000000\r\n{", 300),
    ("TRAILER_BYTES_MAX", "trailers without end",
     HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n" + b"X-A: b\r\n" * 900, 300),
    ("JSON_DEPTH_MAX", "brackets", whole(PRE + b"[" * 60 + b"]" * 60 + b"}"), 300),
    ("JSON_NODES_MAX REQUEST_ARENA_MAX JSON_STEP_BYTES", "as many values as may be",
     whole(PRE + b"[" + b"1," * MIB + b"1]}"), 2),
    ("JSON_NODES_MAX REQUEST_ARENA_MAX", "a little more than fits a tape's piece",
     whole(PRE + b"[" + b"1," * 1025 + b"1]}"), 300),
    ("REQUEST_ARENA_MAX", "names of one object",
     whole(PRE + b"{" + b",".join(b'"%x":1' % i for i in range(400_000)) + b"}}"), 2),
    ("NAME_BYTES_MAX", "a long model", whole(json.dumps({**rig.chat(), "model": "m" * 128}).encode()), 300),
    ("SECRET_BYTES_MAX", "a long key", whole(b"{", "Authorization: Bearer " + "k" * 8000), 100),
    ("LINGER_BYTES_MAX", "a body behind a refusal",
     rig.request_bytes("POST", "/nothing", None, ["Content-Length: 9000000"]) + b"1" * MIB, 20),
    ("TURN_REQUESTS_MAX TURN_BYTES_MAX", "a pipeline", rig.request_bytes("GET", "/v1/models") * 500, 50),
    ("LOG_BATCH_BYTES", "requests that are recorded", rig.request_bytes("GET", "/nothing") * 500, 50),
]
MANY = b"".join(b"X-%d: b\r\n" % i for i in range(120))
CHUNKED = STREAM + b"Transfer-Encoding: chunked\r\n\r\n"
# An upstream is asked, and then sends this and waits.
UPSTREAMS = [
    ("READ_BYTES", "one byte", b"H", 100),
    ("HEAD_BYTES_MAX HEADER_COUNT_MAX", "a head", b"HTTP/1.1 200 OK\r\n" + MANY, 100),
    ("ANSWER_BYTES_MAX", "a promise", b"HTTP/1.1 200 OK\r\n" + TYPE + b"Content-Length: 67000000\r\n\r\n{", 100),
    ("ANSWER_BYTES_MAX", "half of a large answer",
     b"HTTP/1.1 200 OK\r\n" + TYPE + b"Content-Length: 67000000\r\n\r\n" + b"1" * (17 * MIB), 2),
    ("ERROR_BODY_BYTES_MAX", "half of an error",
     b"HTTP/1.1 400 No\r\n" + TYPE + b"Content-Length: 65000\r\n\r\n" + b"1" * 40_000, 100),
    ("EVENT_BYTES_MAX", "the beginning of an event", STREAM + b"\r\ndata: {", 100),
    ("EVENT_BYTES_MAX", "half of a long event", STREAM + b"\r\ndata: {" + b"1" * 600_000, 10),
    ("EVENT_ARENA_MAX JSON_NODES_MAX", "an event of many values, with usage",
     STREAM + b'\r\ndata: {"choices":[],"a":[' + b"1," * 100_000 + b'1],"usage":{}}\n\ndata: {', 20),
    ("CHUNK_LINE_BYTES_MAX", "chunks of one byte", CHUNKED + b"1;" + b"e" * 200 + b"\r\n:\r\n" + b"1;e\r\nx\r\n" * 20, 100),
    ("TRAILER_BYTES_MAX", "trailers without end", CHUNKED + b"5\r\ndata:\r\n0\r\n" + b"X-A: b\r\n" * 500, 100),
]
NO_STRANGER = {
    "it is the operator's: the configuration, the environment, the machine":
        "ISSUER_MAX ISSUER_ROLES_MAX "
        "DICTIONARY_MAX DICTIONARY_VALUES_MAX PATTERN_MAX PATTERN_BYTES_MAX PATTERN_PLACES_MAX PATTERN_PLACES_ALL_MAX PATTERN_SCRATCHES CANDIDATE_MAX MODEL_MAX ZONE_MAX GROUP_MAX KEY_MAX LEVEL_MAX KIND_MAX REGION_MAX PROPERTY_MAX "
        "REGION_NAME_MAX PROBE_BYTES_MAX PROBE_MODELS_MAX DISCOVER_ARENA_MAX CONF_BYTES_MAX CONF_ERRORS_MAX "
        "CONF_DEPTH_MAX CONF_MESSAGE_BYTES CONF_ARENA_MAX JOB_THREADS WORKER_MAX THREAD_STACK_BYTES "
        "DNS_NAMES_MAX HOST_BYTES_MAX DESCRIPTORS_READY TOOL_MAX ROLE_MAX WORKLOAD_MAX EXCEPTION_MAX CLUE_MAX "
        "CONDITION_MAX NEVER_MAX TRAIN_BYTES_MAX GRANT_BYTES_MAX API_BODY_BYTES_MAX KEY_PAGE_MAX TENANT_MAX "
        "TEAM_MAX TIME_ZONE_BYTES_MAX SUMS_BYTES_MAX USAGE_ANSWER_BYTES_MAX ALERTS_WAITING_MAX BUDGET_SERIES_MAX "
        "STORE_GATHER_BYTES",
    "it is a time or a pace, and holds nothing":
        "PROBE_WAIT_MS FIBER_SLICE_MS_MAX HEADER_WAIT_MS BODY_WAIT_MS BODY_RATE_MIN CLIENT_IDLE_MS POOL_IDLE_MS "
        "CLIENT_STALL_MS CONNECT_WAIT_MS REQUEST_WAIT_MS FIRST_BYTE_WAIT_MS STREAM_STALL_MS DRAIN_WAIT_MS "
        "LEEWAY_S_MAX JWKS_FRESH_S_MIN JWKS_RETRY_MS JWKS_FIRST_MS JWKS_WAIT_MS "
        "DNS_TTL_MS LOG_BATCH_MS LINGER_WAIT_MS RATE_OUTPUT_USUAL FAILED_LOGINS_MAX DNS_FAILURE_TTL_MS DNS_STALE_MS RESTART_WAIT_MS_MAX HANG_WAIT_MS "
        "CONVERSATION_KEEP_S BOOK_BATCH_MS BOOK_RETRY_MS HEAD_WAIT_MS ALERT_KEEP_S",
    "it is of a fixed size, made once for a worker, or is what is kept of what was there":
        "LOOP_EVENTS_MAX RATE_CELLS TURN_LANES FIBERS_KEPT MEMORY_KEPT_BYTES MEMORY_TRIM_BYTES",
    "it bounds a number that is read, and holds nothing": "USAGE_TOKENS_MAX",
    "twelve bytes each, of a text that has a dozen for each": "FINDINGS_MAX PATTERN_MATCHES_MAX",
    "it is how much of a text is looked at in one turn, or masked at all": "SIGHT_SLICE_BYTES MASK_BYTES_MAX",
    "it is a part of an answer, built in a buffer of the worker and sent": "EXPLAIN_BYTES_MAX EVIDENCE_MAX",
    "requests of callers with keys, each bounded by what a request may have": "TURN_WAITING_MAX",
    "they are of the texts of one request or one conversation, a few times as long": "VAULT_TOKENS_MAX VAULT_BYTES_MAX",
    "it bounds addresses of a name of the configuration, 18 bytes each": "ADDRESS_MAX JOB_QUEUE_MAX",
    "as many connections as requests were in flight at once, each some 200 bytes": "POOL_IDLE_MAX",
    "a part of a model's answer, some 400 bytes for each that it begins": "CHANNELS_MAX",
    "kept for whoever has a key: the label in words, and as much as a request had to hide":
        "CONVERSATIONS_MAX CONVERSATIONS_BYTES_MAX CONVERSATION_TRIES_MAX",
    "copies of what a request and its answer hold already, for workloads that ask for it": "PAYLOAD_BYTES_MAX",
    "entries of whoever has a key, a few hundred bytes for each request; the rest is on disk":
        "BOOK_WAITING_BYTES_MAX SPOOL_BYTES_MAX SPOOL_RESERVED_BYTES ENTRY_BYTES_MAX",
    "64 tickets at most, each as large as what a vendor sent of it": "TLS_SESSIONS_MAX TLS_SESSIONS_HOST_MAX",
    "a token comes in a head, and is decoded into a part of its length; three times that with its tape":
        "JWT_BYTES_MAX KID_BYTES_MAX WORKLOAD_CLAIMS_MAX",
    "it is of what an issuer of the configuration publishes, read once in an hour":
        "JWKS_KEYS_MAX JWKS_BYTES_MAX JWKS_ARENA_MAX",
    "it is remembered of tokens that an issuer of the configuration signed, 8 MiB a worker at most":
        "PASSPORTS_MAX PASSPORT_BYTES_MAX",
    "it is of the simulated providers, which no stranger reaches":
        "FAKE_SEEN_MAX FAKE_SEEN_BYTES_MAX FAKE_SCRIPT_BYTES_MAX",
}


def test_each_limit_is_looked_at():
    with open(os.path.join(rig.ROOT, "src/core/limit.tbl"), encoding="ascii") as f:
        rows = set(re.findall(r"^LIMIT\((\w+),", f.read(), re.M))
    tried = set(" ".join(c[0] for c in CLIENTS + UPSTREAMS).split())
    excused = " ".join(NO_STRANGER.values()).split()
    assert len(excused) == len(set(excused)) and not tried & set(excused), "each row has one reason"
    assert rows - tried - set(excused) == set(), "a new limit: send its worst case, or say why no stranger can"


class Peak(threading.Thread):
    """The most that a process holds while this runs, above what it held before."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.before, self.most, self.over = pid, held(pid), 0, False

    def run(self):
        while not self.over:
            self.most = max(self.most, held(self.pid) - self.before)
            time.sleep(0.005)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.join()


def settle(pid):
    """Until nothing more grows."""
    last = -1
    while (now := held(pid)) > last + 64 * KIB:
        last = now
        time.sleep(0.1)


@pytest.mark.parametrize("rows, why, sent, count", CLIENTS, ids=[c[1] for c in CLIENTS])
def test_what_a_client_makes_it_hold(provider, gateway, rows, why, sent, count):
    p = provider({"default": {"fault": {"do": "stall", "at": "before_head"}}})
    g = gateway(rig.config({"m": rig.model(p)}))
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            g.ask("GET", "/v1/models")
        with Peak(child(g)) as peak:
            wires = [stack.enter_context(g.wire()) for _ in range(count)]
            senders = [threading.Thread(target=send_all, args=(w, sent), daemon=True) for w in wires]
            for s in senders:
                s.start()
            for s in senders:
                s.join(3)
            settle(peak.pid)
        for w in wires:
            w.sock.shutdown(socket.SHUT_RDWR)
    assert peak.most <= FACTOR * count * (len(sent) + OPENING), (rows, why, peak.most / count)


@pytest.mark.parametrize("rows, why, sent, count", UPSTREAMS, ids=[u[1] for u in UPSTREAMS])
def test_what_an_upstream_makes_it_hold(gateway, rows, why, sent, count):
    asked, go = threading.Semaphore(0), threading.Event()

    def act(_, s):
        read_request(s)
        asked.release()
        go.wait(10)
        s.sendall(sent)
        s.recv(1)
    bad = Upstream(act)
    g = gateway(rig.config({"bad": {"vendor": "vllm", "zone": "edge", "url": bad.url}}))
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            w = stack.enter_context(g.wire())
            w.send(whole(json.dumps(rig.chat("bad", stream=True)).encode()))
        for _ in range(count):
            assert asked.acquire(timeout=10)
        with Peak(child(g)) as peak:
            go.set()
            time.sleep(0.2)
            settle(peak.pid)
    bad.stop()
    assert peak.most <= FACTOR * count * (len(sent) + OPENING), (rows, why, peak.most / count)
