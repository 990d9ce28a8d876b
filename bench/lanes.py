# SPDX-License-Identifier: Apache-2.0
"""The lanes: what is sent, what is counted, and the goal that it is held against."""
import json
import os
import random
import resource
import shutil
import signal
import statistics
import subprocess
import time

from procs import BenchError, free_port, tree
from rig import Rig

NOT_BUILT = {
    "masked": "names masked and restored, also in the stream: <= 2 x nginx; the mock does not repeat tokens",
    "translated": "Anthropic in, OpenAI out; there is one dialect",
}
# Streams begin a fixed, irrational share of the gap apart, so that events do not come in step.
PHASE = 0.0477


class Figure:
    """One line of the table.  `value` is what is held against `goal`; smaller is better."""

    def __init__(self, name, unit, value, goal=None, **more):
        self.name, self.unit, self.value, self.goal = name, unit, value, goal
        self.trivium = more.get("trivium")
        self.nginx = more.get("nginx")
        self.ratio = more.get("ratio")      # (median, min, max)
        self.note = more.get("note", "")
        self.of_goal = more.get("of_goal", "ratio")

    def met(self):
        if self.goal is None or self.value is None:
            return None
        return self.value <= self.goal


def median(rows, *path):
    def get(row):
        for key in path:
            row = row[key]
        return row
    return statistics.median(get(r) for r in rows)


def spread(pairs):
    ratios = [a / b for a, b in pairs if b]
    return (statistics.median(ratios), min(ratios), max(ratios)) if ratios else None


def interleave(bench, rig, args, reps):
    """reps runs per target in shuffled order, after one that warms each up."""
    rows = {name: [] for name in rig.targets}
    for target in rig.targets.values():
        rig.load(target, [*args, "--duration", 0.3])
    for _ in range(reps):
        order = list(rig.targets.values())
        random.shuffle(order)
        for target in order:
            rows[target.name].append(rig.load(target, args))
    for name, runs in rows.items():
        bench.keep(name, args, runs)
    return rows


def cpu_figure(name, goal, rows, unit="request"):
    per = "events" if unit == "event" else "ok"
    for runs in rows.values():
        for run in runs:
            run["cpu_us"] = run["cpu_ns"] / 1e3 / max(run[per], 1)
    got = {t: median(rows[t], "cpu_us") if t in rows else None for t in ("trivium", "nginx")}
    ratio = None
    if "trivium" in rows and "nginx" in rows:
        ratio = spread([(a["cpu_us"], b["cpu_us"]) for a, b in zip(rows["trivium"], rows["nginx"])])
    rates = ", ".join(f"{t} {median(rows[t], 'rps'):,.0f}/s" for t in rows)
    return Figure(name, f"us CPU/{unit}", ratio[0] if ratio else None, goal, ratio=ratio,
                  note=rates, **got)


def lane_cpu(bench, name, goal, args, unit="request", seconds=2.0):
    seconds = bench.seconds(seconds)
    with Rig(bench, bench.layout, bench.targets("direct", "nginx", "trivium")) as rig:
        rows = interleave(bench, rig, [*args, "--duration", seconds], bench.reps)
    return [cpu_figure(name, goal, rows, unit)]


def plain(bench):
    return lane_cpu(bench, "plain, 1.5 KB", 0.85, ["--bytes", 1500])


def plain16(bench):
    return lane_cpu(bench, "plain, 16 KB", 0.85, ["--bytes", 16384])


def against(bench, lane, targets, args, model=()):
    """Runs of nginx, of a gateway, and of the same gateway with something more, interleaved."""
    bench.need_gateway()
    rows = {name: [] for name in targets}
    with Rig(bench, bench.layout, targets) as rig:
        for _ in range(bench.reps + 1):
            for name in random.sample(list(targets), len(targets)):
                rows[name].append(rig.load(rig.targets[name], [*args, *([] if name == "nginx" else model)]))
    for name, runs in rows.items():
        bench.keep(f"{lane} {name}", args, runs)
        runs.pop(0)                 # the first of each warms it up
    return rows


def policy(bench):
    """The same requests under a policy of 1,000 workloads, and 32 models that all are candidates."""
    targets = {"nginx": "nginx", "trivium": {"models": 25}, "policy": {"models": 25, "workloads": 1000}}
    rows = against(bench, "policy", targets, [
        "--bytes", 1500, "--duration", bench.seconds(2.0), "--header", "x-team: team-0777",
        "--header", "x-trivium-label: internal, pii"], ["--model", "auto"])
    figures = [cpu_figure("policy, 1.5 KB, against nginx", 1.3,
                          {"trivium": rows["policy"], "nginx": rows["nginx"]})]
    figures.append(cpu_figure("policy, 1.5 KB, against auto without one", None,
                              {"trivium": rows["policy"], "nginx": rows["trivium"]}))
    figures[-1].note = "'nginx' is the same gateway without a policy; " + figures[-1].note
    return figures


def detect(bench):
    """The same requests with every text looked at by all detectors, names included; prose, 1.5 KB and 16 KB."""
    figures = []
    for size, name in ((1500, "1.5 KB"), (16384, "16 KB")):
        rows = against(bench, f"detect {name}", {"nginx": "nginx", "trivium": {}, "detect": {"detect": True}},
                       ["--bytes", size, "--duration", bench.seconds(2.0)])
        figures.append(cpu_figure(f"detection, {name}, against nginx", 2.0 if size == 1500 else None,
                                  {"trivium": rows["detect"], "nginx": rows["nginx"]}))
        figures.append(cpu_figure(f"detection, {name}, against none", None,
                                  {"trivium": rows["detect"], "nginx": rows["trivium"]}))
        figures[-1].note = "'nginx' is the same gateway without detection; " + figures[-1].note
    return figures


def governed(bench):
    """Key, limits, budget, policy, detection, an entry of the ledger by group commit and metrics: all on."""
    law = {"models": 0, "workloads": 12}
    narrow, wide = {"detect": "structure, secrets", **law}, {"detect": True, **law}
    targets = {"nginx": "nginx", "trivium": {}, "entry": {"governed": {"limits": False}},
               "governed": {"governed": {}, **narrow}, "names": {"governed": {}, **wide}}
    rows = against(bench, "governed", targets, [
        "--bytes", 1500, "--duration", bench.seconds(2.0), "--header", "x-team: team-0007"])
    figures = [cpu_figure(f"governed, 1.5 KB, {what}", goal, {"trivium": rows[name], "nginx": rows["nginx"]})
               for name, what, goal in (("governed", "all but names", 1.3), ("names", "names too", 2.0))]
    figures.append(cpu_figure("governed, 1.5 KB, key and entry alone", None,
                              {"trivium": rows["entry"], "nginx": rows["trivium"]}))
    figures[-1].note = "'nginx' is the same gateway without them; " + figures[-1].note
    return figures


def durable(bench):
    """The duty durable_record: two synchronised commits for each request, shared by all that wait."""
    figures = []
    for count in (64, 1000):
        with Rig(bench, bench.layout, {"durable": {"governed": {"duties": ["durable_record"]}}}) as rig:
            rows = [rig.load(rig.targets["durable"], ["--bytes", 1500, "--connections", count,
                                                      "--duration", bench.seconds(3.0)])
                    for _ in range(bench.reps)]
        bench.keep(f"durable {count}", [], rows)
        figures.append(Figure(f"durable, {count:,} callers, p99", "us", None,
                              trivium=median(rows, "latency_us", "p99"),
                              note=f"p50 {median(rows, 'latency_us', 'p50'):,.0f}, {median(rows, 'rps'):,.0f}/s"))
    return figures


def burst(bench):
    return lane_cpu(bench, "stream of 100 events, one burst", 0.45,
                    ["--bytes", 1500, "--model", "burst-100", "--stream", "--events", 100])


def paced(bench):
    streams, gap = 300, 10
    return lane_cpu(bench, f"paced stream, {gap} ms, {streams} open", 0.95,
                    ["--bytes", 1500, "--model", f"paced-100-{gap}", "--stream", "--events", 100,
                     "--connections", streams, "--spread", round(streams * gap * PHASE, 2)],
                    unit="event", seconds=4.0)


def added(rows, name, *path):
    """Paired differences to direct in the same round, and their median."""
    def get(row):
        for key in path:
            row = row[key]
        return row
    if name not in rows:
        return None
    return statistics.median(get(a) - get(b) for a, b in zip(rows[name], rows["direct"]))


def added_figures(rows, what, field, goals):
    figures = []
    for part, goal in goals:
        direct = median(rows["direct"], field, part)
        mine, theirs = added(rows, "trivium", field, part), added(rows, "nginx", field, part)
        figures.append(Figure(f"{what} {part}", "us added", mine, goal, trivium=mine, nginx=theirs,
                              note=f"direct {direct:.0f}", of_goal="us"))
    return figures


def latency(bench):
    args = ["--bytes", 1500, "--connections", 1, "--rate", 2000, "--duration", bench.seconds(3)]
    with Rig(bench, bench.layout, bench.targets("direct", "nginx", "trivium"), timed=True) as rig:
        rows = interleave(bench, rig, args, bench.reps)
    return added_figures(rows, "latency, 1 connection, 2,000/s,", "latency_us",
                         [("p50", 25), ("p99", 60)])


def first(bench):
    args = ["--bytes", 1500, "--model", "burst-10", "--stream", "--events", 10, "--connections", 1,
            "--rate", 1000, "--duration", bench.seconds(3)]
    with Rig(bench, bench.layout, bench.targets("direct", "nginx", "trivium"), timed=True) as rig:
        rows = interleave(bench, rig, args, bench.reps)
    return added_figures(rows, "first event, 1 connection, 1,000/s,", "first_us",
                         [("p50", 50), ("p99", None)])


def delay(bench):
    streams, gap = 1000, 50
    layout = bench.layout if bench.layout != "one" or os.cpu_count() < 2 else "two"
    args = ["--bytes", 1500, "--model", f"paced-40-{gap}", "--stream", "--events", 40,
            "--connections", streams, "--spread", round(streams * gap * PHASE, 2),
            "--duration", bench.seconds(6, 6)]
    with Rig(bench, layout, bench.targets("direct", "nginx", "trivium"), timed=True) as rig:
        rows = interleave(bench, rig, args, max(3, bench.reps - 2))
    return added_figures(rows, f"event delay, {streams:,} streams, {gap} ms,", "delay_us",
                         [("p50", None), ("p99", None), ("p99.9", 1000)])


def idle(bench):
    got = {}
    for name, kind in bench.targets("nginx", "trivium").items():
        with Rig(bench, "free", {name: kind}) as rig:
            target = rig.targets[name]
            rig.load(target, ["--connections", 1, "--requests", 1])
            time.sleep(1)
            got[name] = target.pss() / 1048576
    bench.keep("idle MiB", [], got)
    return [Figure("memory, idle", "MiB PSS", got.get("trivium"), 8, trivium=got.get("trivium"),
                   nginx=got.get("nginx"), of_goal="MiB")]


def hold_figure(bench, name, goal, count, args):
    """What each held connection adds to a process that has served one request."""
    got, note = {}, []
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if 2 * count + 256 > hard:
        count = (hard - 256) // 2
        bench.warn(f"{name}: only {count} connections, the limit of descriptors is {hard}")
    for target_name, kind in bench.targets("nginx", "trivium").items():
        with Rig(bench, "free", {target_name: kind}) as rig:
            target = rig.targets[target_name]
            rig.load(target, ["--connections", 1, "--requests", 1])
            time.sleep(0.5)
            before = target.pss()
            with rig.hold(target, ["--connections", count, *args]) as held:
                time.sleep(bench.seconds(3))
                got[target_name] = (target.pss() - before) / 1024 / max(held.held, 1)
            note.append(f"{target_name} {held.held:,} held")
            failed = sum(held.report.get(k, 0) for k in ("broken", "refused", "malformed"))
            if failed or held.report.get("held") != count:
                bench.warn(f"{name}, {target_name}: {failed} failed attempts, "
                           f"{held.report.get('held')} of {count} held to the end")
    bench.keep(name, args, got)
    return Figure(name, "KiB PSS", got.get("trivium"), goal, trivium=got.get("trivium"),
                  nginx=got.get("nginx"), note=", ".join(note), of_goal="KiB")


def streams(bench):
    count = 2000 if bench.quick else 9500
    return [hold_figure(bench, f"memory per open stream, {count:,} open", 12, count,
                        ["--bytes", 1500, "--model", "paced-1000000-1000", "--stream"])]


def connections(bench):
    count = 2000 if bench.quick else 8000
    return [hold_figure(bench, f"memory per idle connection, {count:,}", 1, count,
                        ["--bytes", 1500])]


def start(bench):
    got = {}
    with Rig(bench, "free", {"direct": None}) as rig:
        for name, kind in bench.targets("nginx", "trivium").items():
            took = []
            for _ in range(bench.reps):
                port = free_port()
                argv = rig.nginx_argv(name, port) if kind == "nginx" else \
                    rig.gateway_argv(name, port, kind)
                load = rig.load_argv(port, ["--start"])
                done = subprocess.run([*load, *argv], stdin=subprocess.DEVNULL, text=True,
                                      capture_output=True, timeout=60, check=False)
                if done.returncode != 0:
                    raise BenchError(f"{name} did not start: {done.stderr[-2000:]}")
                took.append(json.loads(done.stdout.splitlines()[-1])["start_ms"])
            got[name] = took
    bench.keep("start ms", [], got)
    mine = got.get("trivium")
    return [Figure("start to first answer", "ms", statistics.median(mine) if mine else None, 20,
                   trivium=statistics.median(mine) if mine else None,
                   nginx=statistics.median(got["nginx"]) if "nginx" in got else None, of_goal="ms",
                   note=f"{min(mine):.1f}-{max(mine):.1f}" if mine else "")]


def trace(rig, target, args):
    """System calls by name, each as often as a request makes it."""
    requests, out = 20000, os.path.join(rig.dir, "strace")
    argv = ["strace", "-f", "-c", "-o", out]
    for pid in tree(target.proc.pid):
        argv += ["-p", str(pid)]
    tracer = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    rig.load(target, ["--requests", requests, "--duration", 30, *args])
    tracer.send_signal(signal.SIGINT)
    tracer.wait(10)
    with open(out) as f:
        rows = [line.split() for line in f if line[:1] == " " and line.split()[-1] != "total"]
    return {r[-1]: int(r[3]) / requests for r in rows if r[3].isdigit()}


def syscalls(bench):
    """System calls of each request at saturation, by name; not in the table unless asked for."""
    if shutil.which("strace") is None:
        raise BenchError("strace is not installed")
    figures = []
    shapes = {"plain": [], "plain 16 KB": ["--bytes", 16384],
              "burst": ["--model", "burst-100", "--stream", "--events", 100]}
    with Rig(bench, bench.layout, bench.targets("nginx", "trivium")) as rig:
        for target in rig.targets.values():
            for shape, args in shapes.items():
                rig.load(target, ["--duration", 0.3, *args])
                calls = trace(rig, target, args)
                named = sorted(((n, name) for name, n in calls.items() if n >= 0.01), reverse=True)
                figures.append(Figure(
                    f"system calls, {shape}, {target.name}", "calls/request", None,
                    note=", ".join(f"{name} {n:.2f}" for n, name in named),
                    **{target.name: sum(calls.values())}))
    return figures


LANES = {
    "plain": plain, "plain16": plain16, "policy": policy, "detect": detect, "governed": governed,
    "durable": durable, "burst": burst, "paced": paced, "latency": latency,
    "first": first, "delay": delay, "idle": idle, "streams": streams, "connections": connections,
    "start": start,
}
ON_DEMAND = {"syscalls": syscalls}
