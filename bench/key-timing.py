#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""key-timing - does time tell over HTTP whether a key's id is known?

    bench/key-timing.py [--samples 100000] [--control]

Asks a gateway over one connection, in turns of random order: with the id of one of fifty stored
keys and a wrong secret, and with one of fifty ids that nobody has.  Prints the quartiles of the
time to the answer of both, and of the differences within pairs the mean and Student's t, over
the pairs below the 90th percentile of all: |t| < 4.5 is the threshold of leakage tests (TVLA,
ISO/IEC 17825).  Ends with 1 above it.  With --control both are ids that nobody has: what it tells
then is its own noise.
"""

import argparse
import json
import math
import os
import random
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "test", "e2e"))

import rig                                                               # noqa: E402

KEYS = 50
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


def presented(id):
    """A key of that id with a secret that nobody has."""
    return f"{id}_" + "".join(random.choices(LETTERS, k=58))


def ask(wire, key):
    request = rig.request_bytes("GET", "/v1/models", None, [("Authorization", f"Bearer {key}")])
    began = time.perf_counter_ns()
    wire.send(request)
    answer = wire.answer()
    took = time.perf_counter_ns() - began
    assert answer.status == 401 and answer.code == "key_unknown", answer.body
    return took


def paired(differences):
    """Mean and t of differences within pairs, which lie next to each other in time."""
    mean = sum(differences) / len(differences)
    variance = sum((d - mean) ** 2 for d in differences) / (len(differences) - 1)
    return mean, mean / math.sqrt(variance / len(differences))


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    a.add_argument("--samples", type=int, default=100_000)
    a.add_argument("--control", action="store_true")
    a = a.parse_args()
    samples = a.samples
    with tempfile.TemporaryDirectory() as folder:
        data = os.path.join(folder, "data")
        g = rig.Gateway(folder, rig.config({"m": {"vendor": "vllm", "zone": "edge", "url": "http://127.0.0.1:9"}},
                                           data=data, limits={"failed_logins_per_minute": 1_000_000}))
        ids = {"known": [json.loads(rig.run("key", "create", "--data", data, "--json").stdout)["id"] for _ in range(KEYS)],
               "unknown": ["tv_" + "".join(random.choices(LETTERS, k=16)) for _ in range(KEYS)]}
        if a.control:
            ids["known"] = ["tv_" + "".join(random.choices(LETTERS, k=16)) for _ in range(KEYS)]
        took = {"known": [], "unknown": []}
        with g.wire() as wire:
            for _ in range(samples // 2):
                # Both are made before either is timed: what this program does must not differ.
                pair = [(which, presented(random.choice(ids[which]))) for which in took]
                random.shuffle(pair)
                for which, key in pair:
                    took[which].append(ask(wire, key))
        g.stop()
    cut = sorted(took["known"] + took["unknown"])[samples * 9 // 10 - 1]
    mean, t = paired([k - u for k, u in zip(took["known"], took["unknown"]) if max(k, u) <= cut])
    for which, times in took.items():
        times.sort()
        print(f"{which:8} n={len(times)} quartiles "
              + " ".join(f"{times[len(times) * q // 4] / 1000:.1f}" for q in (1, 2, 3)) + " us")
    print(f"difference {mean:+.0f} ns, t = {t:+.2f} ({'a difference' if abs(t) >= 4.5 else 'none'} that can be told)")
    return abs(t) >= 4.5


if __name__ == "__main__":
    sys.exit(main())
