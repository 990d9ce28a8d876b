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


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--loops", type=int, default=1000)
    p.add_argument("--lose", action="store_true", help="writes that were not synchronised are lost")
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="trivium-crash-") as folder:
        wrong, told = crash(folder, a.loops, a.lose, a.seed, say=lambda *x: print(*x, flush=True))
    print(json.dumps(told))
    for w in wrong[:20]:
        print("not ok -", w)
    print("ok" if not wrong else f"{len(wrong)} wrong")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
