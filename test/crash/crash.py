#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""crash - kills a gateway under load, again and again, and looks for what it had promised.

    test/crash/crash.py [--loops 1000] [--lose] [--seed 1]

Eight callers ask for work with the duty durable_record; at a random moment the whole gateway is
killed, and started again on the same data folder.  With --lose the next one finds only what was
synchronised: writes that were not are gone (test/crash/lost.c).  At the end:

* every answer that a caller had whole has its closing entry, exactly one;
* every request that reached the provider has its opened entry;
* what was opened has one closing or recovered entry, and nothing is open;
* the tree over the entries is the one that was kept.
"""

import argparse
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))

import ledger                                                            # noqa: E402
import rig                                                               # noqa: E402

CALLERS = 8


class Load:
    """Callers that ask without end, and remember what they were answered."""

    def __init__(self, port):
        self.port, self.stopped = port, False
        self.answered, self.lock, self.count = set(), threading.Lock(), 0
        self.threads = [threading.Thread(target=self.run, args=(n,), daemon=True) for n in range(CALLERS)]
        for t in self.threads:
            t.start()

    def run(self, number):
        n = 0
        while not self.stopped:
            n += 1
            try:
                with rig.Wire(self.port, timeout=5) as w:
                    for _ in range(50):
                        body = json.dumps(rig.chat(say=f"mark {number}.{n}")).encode()
                        w.send(rig.request_bytes("POST", "/v1/chat/completions", body))
                        answer = w.answer()
                        n += 1
                        if answer.status == 200:
                            with self.lock:
                                self.answered.add(answer.field("x-trivium-id"))
            except (OSError, AssertionError):
                time.sleep(0.005)

    def stop(self):
        self.stopped = True
        for t in self.threads:
            t.join()


def kill(gateway):
    """All of it at once: the parent first, so that it starts no other child."""
    children = rig.children_of(gateway.pid)
    os.kill(gateway.pid, signal.SIGKILL)
    for child in children:
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            pass
    gateway.popen.wait()
    rig.eventually(lambda: is_free(gateway.port) and is_free(gateway.admin_port), 5, "the ports are free")


def is_free(port):
    """Nobody listens; connections that are ending do not matter."""
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def build_lost(folder):
    out = os.path.join(folder, "lost.so")
    subprocess.run([os.environ.get("CC", "cc"), "-O1", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", out,
                    os.path.join(HERE, "lost.c"), "-ldl", "-lpthread"], check=True)
    return out


def judge(book, answered, seen):
    """What is wrong, in words."""
    lines = book.lines()
    entries = book.entries()
    opened = [e["id"] for e in entries if e.get("opened") is True]
    closed = [e["id"] for e in entries if e.get("opened") is not True]
    wrong = [f"{i} was answered and has {closed.count(i)} closing entries" for i in answered
             if closed.count(i) != 1] if len(closed) < 3000 else []
    count = {}
    for i in closed:
        count[i] = count.get(i, 0) + 1
    wrong += [f"{i} was answered and has no closing entry" for i in answered if i not in count]
    wrong += [f"{i} has {n} closing entries" for i, n in count.items() if n > 1]
    wrong += [f"{i} was opened and never closed" for i in opened if i not in count]
    wrong += [f"{i} is still open" for i in book.opened()]
    if len(opened) < seen:
        wrong.append(f"{seen} requests reached the provider, {len(opened)} were opened")
    if book.frontier() != ledger.frontier(lines):
        wrong.append("the tree that was kept is not the tree over the entries")
    recovered = sum(e.get("entry") == "recovered" for e in entries)
    return wrong, {"entries": len(entries), "opened": len(opened), "recovered": recovered}


def crash(folder, loops, lose=False, seed=1, say=lambda *_: None):
    dice = random.Random(seed)
    data, kept = os.path.join(folder, "data"), os.path.join(folder, "kept")
    provider = rig.Provider(folder, {"default": {"first_token_ms": 2}})
    config = rig.config({"m": rig.model(provider, price=rig.PRICE)}, data=data, duties=["durable_record"],
                        workers=2)
    env = {}
    if lose:
        os.makedirs(kept)
        env = {"LD_PRELOAD": build_lost(folder), "LOST_FROM": data + "/", "LOST_TO": kept + "/"}
    gateway = rig.Gateway(folder, config, env=env)
    load = Load(gateway.port)
    try:
        for loop in range(loops):
            time.sleep(dice.uniform(0.01, 0.12))
            kill(gateway)
            if lose:
                shutil.rmtree(data)
                shutil.copytree(kept, data)
            again = rig.Gateway.__new__(rig.Gateway)
            again.__dict__.update(gateway.__dict__)
            rig.Process.__init__(again, ["run", "--config", gateway.config_path], folder, "gateway", env)
            gateway = again
            rig.eventually(gateway.is_ready, 20, "a gateway that serves again")
            if (loop + 1) % 50 == 0:
                say(f"{loop + 1} loops, {len(load.answered)} answers")
        load.stop()
        seen = provider.control("GET", "/fake/requests").json().get("count", 0)
        gateway.stop()
        wrong, told = judge(ledger.Ledger(data), load.answered, seen)
        return wrong, {"loops": loops, "answered": len(load.answered), **told}
    finally:
        load.stopped = True
        gateway.kill()
        provider.kill()


def ask_some(port):
    """Durable and other work, one after another; (status, id) of each."""
    said = []
    with rig.Wire(port, timeout=10) as w:
        for n in range(8):
            fields = [("x-trivium-workload", "strict" if n % 2 else "plain")]
            w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(rig.chat()).encode(), fields))
            answer = w.answer()
            said.append((n % 2 == 1, answer.status, answer.field("x-trivium-id")))
    return said


def refuse(folder, at, lasting):
    """The disk refuses its `at`-th call, and all later ones if it lasts.  What is wrong, and whether it mattered."""
    data, kept = os.path.join(folder, "data"), os.path.join(folder, "kept")
    os.makedirs(kept)
    provider = rig.Provider(folder)
    work = {"owner": "o", "why": "w"}
    config = rig.config({"m": rig.model(provider)}, data=data, default_workload="plain", log={"file": "none"},
                        workloads={"plain": work, "strict": {**work, "duties": ["durable_record"]}})
    env = {"LD_PRELOAD": build_lost(folder), "LOST_FROM": data + "/", "LOST_TO": kept + "/"}
    said, wrong = [], []
    gateway = rig.Gateway(folder, config, env={**env, "LOST_REFUSE": f"{at}{'+' if lasting else ''}"}, ready=False)
    try:
        rig.eventually(lambda: not gateway.is_alive() or gateway.is_ready(), 10, "a gateway that serves, or says why not")
        if gateway.is_alive():
            child = rig.children_of(gateway.pid)
            said = ask_some(gateway.port)
            time.sleep(0.05)
            if rig.children_of(gateway.pid) != child:
                wrong.append("the process died")
            gateway.signal(signal.SIGTERM)
            gateway.wait()
        elif b"trivium run:" not in gateway.stderr():
            wrong.append(f"it ended without a word: {gateway.stderr()!r}")
        again = rig.Gateway(folder, config, env=env)
        again.stop()
    finally:
        gateway.kill()
        provider.stop()
    book = ledger.Ledger(data)
    ids = [e["id"] for e in book.entries() if e.get("opened") is not True]
    wrong += [f"other work was answered {s}" for durable, s, _ in said if not durable and s != 200]
    wrong += [f"durable work was answered {s}" for durable, s, _ in said if durable and s not in (200, 503)]
    # A disk that takes nothing any more takes no spool either: then only what waited for it was promised.
    wrong += [f"{i} was answered and has {ids.count(i)} entries" for durable, s, i in said
              if s == 200 and (durable or not lasting) and ids.count(i) != 1]
    wrong += [f"{i} has {ids.count(i)} entries" for i in set(ids) if ids.count(i) != 1]
    if book.frontier() != ledger.frontier(book.lines()) or book.opened():
        wrong.append("the tree is not that of the entries, or something is still open")
    return wrong, not said or any(s == 503 for _, s, _ in said)


def refuse_all(calls):
    bad = mattered = 0
    for at in range(1, calls + 1):
        for lasting in (False, True):
            with tempfile.TemporaryDirectory(prefix="trivium-crash-") as folder:
                wrong, hit = refuse(folder, at, lasting)
            mattered += hit
            bad += bool(wrong)
            for w in wrong[:5]:
                print(f"not ok - call {at}{' and later' if lasting else ''}: {w}", flush=True)
    print(f"{2 * calls} disks, {mattered} of them felt, {bad} bad")
    return bad > 0


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--loops", type=int, default=1000)
    p.add_argument("--lose", action="store_true", help="writes that were not synchronised are lost")
    p.add_argument("--refuse", action="store_true", help="each of --loops calls to the disk is refused in turn")
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    if a.refuse:
        return refuse_all(a.loops)
    with tempfile.TemporaryDirectory(prefix="trivium-crash-") as folder:
        wrong, told = crash(folder, a.loops, a.lose, a.seed, say=lambda *x: print(*x, flush=True))
    print(json.dumps(told))
    for w in wrong[:20]:
        print("not ok -", w)
    print("ok" if not wrong else f"{len(wrong)} wrong")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
