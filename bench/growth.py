# SPDX-License-Identifier: Apache-2.0
"""Growth: what a request costs when something that should not matter is multiplied by 100.

All but the last lane run two gateways side by side, one with the factor at its base and one with
it times 100, send both the same requests in shuffled order, and give the ratio of CPU time per
request.  An age has no side by side, so nginx, which ages with it, is the yardstick there.
"""
import contextlib
import random
import statistics

from lanes import Figure, median, spread
from rig import Rig

GOAL = 1.1      # what two equal gateways may differ by on a machine that others use too
SILENT = "paced-1000-600000"    # one event at once, the next after ten minutes
SMALL, LARGE = 10, 1000


def cost(run):
    return run["cpu_ns"] / 1e3 / max(run["ok"], 1)


def pair(bench, rig, what, args):
    """Loads `small` and `large`, each with its own arguments, and compares them."""
    rows = {"small": [], "large": []}
    for _ in range(bench.reps + 1):
        for name in random.sample(list(rows), 2):
            rows[name].append(rig.load(rig.targets[name], [
                "--bytes", 1500, "--duration", bench.seconds(2), *args[name]]))
    for name, runs in rows.items():
        bench.keep(f"{what} {name}", args[name], runs)
        runs.pop(0)                 # the first of each warms it up
        for run in runs:
            run["cpu_us"] = cost(run)
    ratio = spread([(a["cpu_us"], b["cpu_us"]) for a, b in zip(rows["large"], rows["small"])])
    return [Figure(f"{what}: {LARGE:,} against {SMALL}", "us CPU/request", ratio[0], GOAL,
                   ratio=ratio, trivium=median(rows["large"], "cpu_us"),
                   note=f"with {SMALL}: {median(rows['small'], 'cpu_us'):.2f} us")]


def both(bench, factor):
    """The targets `small` and `large`, whose configurations differ in one factor."""
    bench.need_gateway()
    return {"small": {factor: SMALL}, "large": {factor: LARGE}}


def models(bench):
    """Requests name each of the models in turn."""
    args = {name: ["--model", "many-@@@@", "--variants", count]
            for name, count in (("small", SMALL), ("large", LARGE))}
    with Rig(bench, bench.layout, both(bench, "models")) as rig:
        return pair(bench, rig, "models", args)


def keys(bench):
    """Requests come with each of the keys in turn."""
    args = {name: ["--header", "Authorization: Bearer tv-bench-0123456789abcdef0123-@@@@",
                   "--variants", count] for name, count in (("small", SMALL), ("large", LARGE))}
    with Rig(bench, bench.layout, both(bench, "keys")) as rig:
        return pair(bench, rig, "keys", args)


def streams(bench):
    """Plain requests beside streams that are open and silent."""
    bench.need_gateway()
    with Rig(bench, bench.layout, {"small": {}, "large": {}}) as rig, contextlib.ExitStack() as open_:
        for name, count in (("small", SMALL), ("large", LARGE)):
            open_.enter_context(rig.hold(rig.targets[name], [
                "--bytes", 1500, "--connections", count, "--model", SILENT, "--stream"]))
        return pair(bench, rig, "open streams", {"small": [], "large": []})


def age(bench):
    """The same requests before and after a hundred times as many."""
    each = 500 if bench.quick else 5000
    rows = {"trivium": ([], []), "nginx": ([], [])}
    with Rig(bench, bench.layout, bench.targets("nginx", "trivium")) as rig:
        bench.need_gateway()
        memory = []
        for name in rows:
            rig.load(rig.targets[name], ["--bytes", 1500, "--requests", each])
        for when in (0, 1):
            for _ in range(bench.reps):
                for name in random.sample(list(rows), 2):
                    rows[name][when].append(cost(rig.load(rig.targets[name], [
                        "--bytes", 1500, "--requests", each, "--duration", 30])))
            memory.append(rig.targets["trivium"].pss() / 1048576)
            if when == 0:
                for name in rows:
                    rig.load(rig.targets[name], ["--bytes", 1500, "--duration", 300, "--requests",
                                                 99 * each * (bench.reps + 1)], seconds=400)
    bench.keep("age", [], rows)
    mine, theirs = rows["trivium"], rows["nginx"]
    ratio = spread([(b / d, a / c) for a, b, c, d in zip(*mine, *theirs)])
    count = each * (bench.reps + 1)
    return [Figure(f"age: after {100 * count:,} against {count:,} requests, nginx's taken out",
                   "us CPU/request", ratio[0], GOAL, ratio=ratio,
                   trivium=statistics.median(mine[1]), nginx=statistics.median(theirs[1]),
                   note=f"young {statistics.median(mine[0]):.2f} and {statistics.median(theirs[0]):.2f}"),
            Figure("age: memory added", "MiB PSS", memory[1] - memory[0], 0.5, of_goal="MiB",
                   trivium=memory[1] - memory[0], note=f"{memory[0]:.2f} then {memory[1]:.2f}")]


LANES = {"growth-models": models, "growth-keys": keys, "growth-streams": streams, "growth-age": age}
