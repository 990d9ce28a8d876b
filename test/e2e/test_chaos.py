# SPDX-License-Identifier: Apache-2.0
"""Everything at once: callers of all sorts, providers that fail in all ways, and reloads in between."""

import json
import os
import random
import signal
import threading
import time

import pytest

import rig

BEHAVIOURS = {
    "well": {}, "slow": {"first_token_ms": {"uniform": [5, 40]}, "token_ms": {"uniform": [0, 5]}},
    "limited": {"status": 429}, "broken": {"status": 500}, "rejected": {"status": 400},
    "closed": {"fault": {"do": "close"}}, "reset": {"fault": {"do": "reset", "at": 3}},
    "silent": {"fault": {"do": "stall"}}, "silent-later": {"fault": {"do": "stall", "at": 3}},
    "cut": {"cut_bytes": 700}, "torn": {"piece_bytes": 40, "piece_random": True},
    "crlf": {"line": "crlf"}, "error-first": {"error_at": 1}, "error-later": {"error_at": 4},
    "bad-chunk": {"malformed": "chunk_size"}, "bad-json": {"malformed": "bad_json"},
    "two-lengths": {"malformed": "two_lengths"}, "no-done": {"malformed": "no_done"}, "empty": {"malformed": "empty"},
    "short": {"malformed": "length_short"}, "long": {"malformed": "length_long"},
}
SECONDS = 6


class Caller(threading.Thread):
    """Asks, and sometimes goes away; counts what must be recorded."""

    def __init__(self, gateway, seed):
        super().__init__()
        self.gateway, self.random = gateway, random.Random(seed)
        self.asked, self.problems, self.ids = 0, [], []
        self.wire = None

    def run(self):
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and not self.problems:
            try:
                self.ask()
            except Exception as e:                                      # noqa: BLE001
                self.problems.append(repr(e))
        if self.wire:
            self.wire.close()

    def ask(self):
        self.wire = self.wire or self.gateway.wire()
        kind, mark = self.random.choice(list(BEHAVIOURS)), f"mark-{self.random.getrandbits(48):x}"
        stream, gone = self.random.random() < 0.6, self.random.random() < 0.15
        body = rig.chat(self.random.choice(["one", "group", "auto"]), say=f"<{kind}> {mark}", stream=stream)
        self.asked += 1
        self.wire.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(body).encode()))
        if gone:
            # Long enough that it was read, and so is a request that must be recorded.
            time.sleep(self.random.uniform(0.02, 0.1))
            self.wire.close()
            self.wire = None
            return
        answer = self.wire.answer()
        self.ids.append(answer.field("x-trivium-id"))
        self.look(answer, kind, mark, stream)
        if answer.field("connection") == "close" or (stream and b'"error"' in answer.body and answer.status == 200):
            self.wire.close()
            self.wire = None

    def look(self, answer, kind, mark, stream):
        """The answer is this question's, and well-formed whatever it is."""
        if answer.status != 200:
            assert answer.json()["error"]["code"] or kind == "rejected", answer
            return
        if not stream:
            # A short length cuts the JSON, and such an answer must not come through.
            assert answer.json()["choices"][0]["message"]["content"].endswith(mark), (kind, answer.body)
            return
        events = rig.events_of(answer.body)
        terminal = [e for e in events if e == b"[DONE]" or e.startswith(b'{"error"')]
        assert len(terminal) == 1 and events[-1] == terminal[0], (kind, events[-3:])
        for e in events[:-1]:
            assert json.loads(e)["choices"] is not None
        if events[-1] == b"[DONE]":
            text = "".join(json.loads(e)["choices"][0]["delta"].get("content") or "" for e in events[:-1])
            assert text.endswith(mark), (kind, text)


@pytest.mark.parametrize("seed, workers", [(1, 1), (2, 2)])
def test_everything_at_once(provider, gateway, seed, workers):
    script = {"rules": [{"marker": f"<{k}>", "then": b} for k, b in BEHAVIOURS.items()]}
    bad, good = provider(script, arguments=["--seed", str(seed)]), provider()

    def config(generation):
        return rig.config({
            "one": rig.model(bad, id=f"one-{generation}", first_byte_ms=200, stall_ms=200),
            "two": rig.model(good, zone="site", first_byte_ms=2000)}, groups={"group": ["one", "two"]},
            workers=workers)
    g = gateway(config(0))
    g.chat(rig.chat("one"))
    before = held(g)
    callers = [Caller(g, seed * 1000 + i) for i in range(12)]
    for c in callers:
        c.start()
    generation = 0
    while any(c.is_alive() for c in callers):
        time.sleep(0.5)
        generation += 1
        g.write(config(generation))
        g.signal(signal.SIGHUP)
    for c in callers:
        c.join()
    assert [p for c in callers for p in c.problems] == []
    asked = sum(c.asked for c in callers) + 1
    assert asked > 300 / rig.SLOW
    rig.eventually(lambda: g.metric("trivium_requests_in_flight") == 0, 5, "nothing is in flight")
    rig.eventually(lambda: g.admin("/debug/requests").json() == [], 5, "nothing is shown")
    rig.eventually(lambda: all(r["ended"] != "open" for r in bad.seen()), 5, "the provider holds nothing")
    records = g.records(asked)
    assert len({r["id"] for r in records}) == asked
    assert {i for c in callers for i in c.ids} <= {r["id"] for r in records}
    rig.eventually(lambda: held(g) <= before + 40 * workers, 10, "descriptors are given back")


def held(gateway):
    return len(os.listdir(f"/proc/{rig.children_of(gateway.pid)[0]}/fd"))
