#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""spend - 64 callers against a budget, while the gateway is stopped, killed and started again.

    test/crash/spend.py [--runs 100] [--kill] [--larger] [--seed 1]

A request costs exactly what was held for it, and the budget is for exactly 1,000 of them: in each
run 1,000 are served, over orderly restarts too.  With --kill the gateway is killed at random
moments instead: never more than 1,000 reach the provider, and what entries charge, what was
recovered included, is what the account says, within the budget.  With --larger holds are larger
than costs: the budget is never passed, and what is left of it is less than one hold.
"""

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from decimal import Decimal

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))

import crash                                                             # noqa: E402
import ledger                                                            # noqa: E402
import rig                                                               # noqa: E402

CALLERS, REQUESTS = 64, 1000
NANO = Decimal("0.000000001")
EXACT = {"per_request_usd": "0.001"}
# The prompt's bytes bound its tokens and the answer is shorter than asked for.
LARGER = {"input_usd_per_million": "1", "output_usd_per_million": "10"}


class Callers:
    """They ask until the budget is spent; what is between two gateways they ask again."""

    def __init__(self, port, count, body):
        self.port, self.body, self.stopped = port, json.dumps(body).encode(), False
        self.served, self.lock, self.codes = 0, threading.Lock(), {}
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(count)]
        for t in self.threads:
            t.start()

    def run(self):
        while not self.stopped:
            try:
                with rig.Wire(self.port, timeout=5) as w:
                    while not self.stopped:
                        w.send(rig.request_bytes("POST", "/v1/chat/completions", self.body))
                        answer = w.answer()
                        code = "served" if answer.status == 200 else answer.code
                        with self.lock:
                            self.codes[code] = self.codes.get(code, 0) + 1
                        if code == "insufficient_quota":
                            return
            except (OSError, AssertionError):
                time.sleep(0.005)

    def are_done(self):
        return not any(t.is_alive() for t in self.threads)

    def stop(self):
        self.stopped = True
        for t in self.threads:
            t.join()
        return self.codes.get("served", 0)


def nano(usd):
    return int(Decimal(usd) / NANO)


def charged(book):
    """What entries charge, by account row."""
    sums = {}
    for entry in book.entries():
        for row in entry.get("rows", []):
            sums[row] = sums.get(row, 0) + nano(entry["settled_usd"])
    return sums


def accounts(book):
    return {row: (name, spent, ceiling) for row, name, spent, ceiling in
            book.rows("SELECT id, name, spent, ceiling FROM account ORDER BY id")}


def judge(book, limit):
    """What is wrong with the accounts of a data folder whose gateway has ended in order."""
    wrong, sums, have = [], charged(book), accounts(book)
    for row, (name, spent, ceiling) in have.items():
        if spent != sums.get(row, 0):
            wrong.append(f"{name}: {spent} were spent, entries charge {sums.get(row, 0)}")
        if ceiling != spent:
            wrong.append(f"{name}: {spent} were spent, and the ceiling is {ceiling}")
        if spent > limit:
            wrong.append(f"{name}: {spent} were spent of {limit}")
    if not have:
        wrong.append("there is no account")
    return wrong, sums


def settings(provider, data, limit, price):
    models = {"m": rig.model(provider, price=price, context=400)}
    budget = [{"usd": str(Decimal(limit) * NANO), "per": "total", "alerts_percent": [50, 100]}]
    return rig.config(models, data=data, workers=2, tenants={"default": {"budget": budget}})


def spend(folder, dice, restarts=2, kills=0, larger=False, requests=REQUESTS, callers=CALLERS):
    """One run; what is wrong, and figures."""
    data = os.path.join(folder, "data")
    limit = requests * 1000000
    body = rig.chat(max_tokens=300) if larger else rig.chat()
    if larger:
        limit = requests * 400000
    provider = rig.Provider(folder, {"default": {"first_token_ms": 2}})
    config = settings(provider, data, limit, LARGER if larger else EXACT)
    gateway = rig.Gateway(folder, config)
    load = Callers(gateway.port, callers, body)
    try:
        for _ in range(restarts + kills):
            time.sleep(dice.uniform(0.02, 0.3))
            crash.kill(gateway) if kills else gateway.stop()
            if gateway.popen.poll() is None:
                gateway.kill()
            gateway = restart(gateway, folder)
        rig.eventually(load.are_done, 60, "the budget is spent")
        served = load.stop()
        gateway.stop()
        book = ledger.Ledger(data)
        wrong, sums = judge(book, limit)
        asked = len(provider.seen()) if requests <= 200 else None
        entries = book.entries()
    finally:
        load.stopped = True
        gateway.kill()
        provider.stop()
    closed = sum("settled_usd" in e and nano(e["settled_usd"]) > 0 and "id" in e for e in entries)
    recovered = sum(nano(e["settled_usd"]) for e in entries if e.get("entry") == "recovered" and "account" in e)
    spent = sum(sums.values())
    if not larger and not kills and (served != requests or closed != requests):
        wrong.append(f"{served} were served and {closed} charged, not {requests}: {load.codes}")
    if not larger and closed > requests:
        wrong.append(f"{closed} were charged")
    if not larger and served > requests:
        wrong.append(f"{served} were served")
    if asked is not None and not larger and asked > requests:
        wrong.append(f"{asked} reached the provider")
    if larger and not kills and limit - spent >= hold_of(entries):
        wrong.append(f"{limit - spent} of {limit} are left, a hold is {hold_of(entries)}")
    return wrong, {"served": served, "entries": len(entries), "spent": spent, "recovered": recovered,
                   "limit": limit}


def hold_of(entries):
    return max(nano(e["held_usd"]) for e in entries if "held_usd" in e)


def restart(gateway, folder):
    """A gateway with the same configuration, on the same ports."""
    with open(gateway.config_path, encoding="utf-8") as f:
        text = f.read()
    port, admin, log = gateway.port, gateway.admin_port, gateway.log_path
    again = rig.Gateway(folder, text, ready=False)
    again.port, again.admin_port, again.log_path = port, admin, log
    again.url = f"http://127.0.0.1:{port}"
    rig.eventually(again.is_ready, 15, "a gateway that serves again")
    return again


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    a.add_argument("--runs", type=int, default=100)
    a.add_argument("--kill", action="store_true")
    a.add_argument("--larger", action="store_true")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--requests", type=int, default=REQUESTS)
    options = a.parse_args()
    dice, bad, total = random.Random(options.seed), 0, {}
    for run in range(options.runs):
        folder = tempfile.mkdtemp(prefix="trivium-spend-")
        wrong, figures = spend(folder, dice, restarts=0 if options.kill else 2,
                               kills=dice.randint(1, 3) if options.kill else 0,
                               larger=options.larger, requests=options.requests)
        bad += bool(wrong)
        for name, n in figures.items():
            total.setdefault(name, []).append(n)
        if wrong:
            print(f"run {run}: {wrong}; {folder}", flush=True)
        else:
            shutil.rmtree(folder)
    for name, n in total.items():
        print(f"{name}: {min(n)} to {max(n)}, {sum(n)} in all")
    print(f"{options.runs} runs, {bad} bad")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
