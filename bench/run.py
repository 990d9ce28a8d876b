#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the gateway against nginx in one run and prints the table with its goals.

Method and meaning of every figure: bench/README.md.
"""
import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import growth  # noqa: E402
import lanes  # noqa: E402
import rig  # noqa: E402
from procs import BenchError, pinned  # noqa: E402

ROOT = os.path.dirname(rig.HERE)
DESCRIPTORS = 65536


class Bench:
    """What all lanes share: programs, how long, how often, and what was found."""

    def __init__(self, args):
        self.args = args
        self.quick, self.layout = args.quick, args.layout
        self.reps = args.reps or (3 if args.quick else 7)
        self.build = os.path.abspath(args.build)
        self.gateway = os.path.abspath(args.gateway or os.path.join(self.build, "trivium"))
        self.nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
        self.warnings, self.raw = [], {}
        self.lane = ""

    def check(self):
        if self.nginx is None:
            raise BenchError("nginx is not installed; it is the reference. "
                             "tool/deps bench installs it (or: apt-get install nginx-light)")
        if not self.args.no_gateway and not os.access(self.gateway, os.X_OK):
            raise BenchError(f"there is no gateway at {self.gateway}; run make first")
        if (self.args.nice < 0 or self.args.realtime) and os.geteuid() != 0:
            raise BenchError("a negative --nice and --realtime need root")
        rig.build(os.path.join(self.build, "bench"))
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        for want in (max(hard, DESCRIPTORS), hard):
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, (min(want, DESCRIPTORS), want))
                return
            except (ValueError, OSError):
                continue
        self.warn(f"the limit of descriptors stays at {soft}")

    def tool(self, name):
        return os.path.join(self.build, "bench", name)

    def seconds(self, full, quick=0.7):
        return min(full, quick) if self.quick else full

    def targets(self, *names):
        kinds = {"direct": None, "nginx": "nginx", "trivium": {}}
        return {n: kinds[n] for n in names if n != "trivium" or not self.args.no_gateway}

    def need_gateway(self):
        if self.args.no_gateway:
            raise BenchError("this lane compares the gateway with itself")

    def warn(self, text):
        self.warnings.append(f"{self.lane}: {text}")

    def keep(self, name, args, runs):
        self.raw.setdefault(self.lane, []).append(
            {"what": name, "args": [str(a) for a in args], "runs": runs})


def calibrate(bench):
    argv = [bench.tool("load"), "--calibrate"]
    out = subprocess.run(argv, capture_output=True, text=True, check=True,
                         preexec_fn=pinned(rig.cores_of("one")["load"], bench.args.nice))
    return json.loads(out.stdout)


def machine(bench):
    cpu = "unknown"
    with open("/proc/cpuinfo") as f:
        for line in f:
            if line.startswith("model name"):
                cpu = line.split(":", 1)[1].strip()
                break
    version = subprocess.run([bench.nginx, "-v"], capture_output=True, text=True, check=False)
    gateway = "none"
    if not bench.args.no_gateway:
        said = subprocess.run([bench.gateway, "version"], capture_output=True, text=True, check=False)
        gateway = (said.stdout.strip().splitlines() or ["unknown"])[0]
    return {"cpu": cpu, "cores": os.cpu_count(), "kernel": platform.release(),
            "load_average": os.getloadavg()[0], "nginx": version.stderr.strip().split("/")[-1],
            "gateway": gateway, "layout": bench.layout, "nice": bench.args.nice, "realtime": bench.args.realtime, "reps": bench.reps,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


def shown(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"


def row(f):
    ratio = "" if f.ratio is None else f"{f.ratio[0]:.2f} [{f.ratio[1]:.2f}-{f.ratio[2]:.2f}]"
    goal = "" if f.goal is None else f"<= {f.goal:g}" + (" x" if f.of_goal == "ratio" else f" {f.of_goal}")
    verdict = {True: "met", False: "MISSED", None: ""}[f.met()]
    return [f.name, f.unit, shown(f.trivium), shown(f.nginx), ratio, goal, verdict, f.note]


def table(figures):
    head = ["figure", "unit", "trivium", "nginx", "ratio [min-max]", "goal", "", "also"]
    rows = [head] + [row(f) for f in figures]
    widths = [max(len(r[i]) for r in rows) for i in range(len(head))]
    for i, r in enumerate(rows):
        print("  ".join(c.rjust(w) if i and 2 <= j <= 3 else c.ljust(w)
                        for j, (c, w) in enumerate(zip(r, widths))).rstrip())
        if i == 0:
            print("  ".join("-" * w for w in widths))


def arguments():
    every = {**lanes.LANES, **growth.LANES, **lanes.ON_DEMAND}
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", default=os.environ.get("BUILD", os.path.join(ROOT, "build")),
                   help="where the gateway is, and the generator is put (build)")
    p.add_argument("--gateway", help="the gateway's binary (BUILD/trivium)")
    p.add_argument("--no-gateway", action="store_true", help="nginx and direct only: a test of the rig")
    p.add_argument("--lane", action="append", choices=list(every), help="only this lane; may be repeated")
    p.add_argument("--growth", action="store_true", help="the lanes that multiply something by 100")
    p.add_argument("--quick", action="store_true", help="short runs: a look, not a figure to quote")
    p.add_argument("--reps", type=int, help="runs per target (7, quick 3)")
    p.add_argument("--layout", default="one", choices=["one", "two", "three", "free"],
                   help="which cores (one: everything on one core, as the goals are stated)")
    p.add_argument("--nice", type=int, default=0, metavar="N",
                   help="run everything at this priority (negative: privileged, for busy machines)")
    p.add_argument("--realtime", action="store_true",
                   help="run the lanes that measure delays before every other process (privileged)")
    p.add_argument("--json", metavar="FILE", help="write everything measured to FILE")
    args = p.parse_args()
    chosen = args.lane or [*(growth.LANES if args.growth else lanes.LANES)]
    return args, {name: every[name] for name in chosen}


def measure(bench, chosen):
    figures = []
    for name, lane in chosen.items():
        bench.lane = name
        print(f"  {name} ...", file=sys.stderr, flush=True)
        try:
            figures += lane(bench)
        except BenchError as e:
            bench.warn(str(e))
            figures.append(lanes.Figure(f"{name}: not measured", "", None))
    return figures


def report(bench, figures, about, calibration):
    print(f"{about['cpu']}, {about['cores']} cores, Linux {about['kernel']}, load {about['load_average']:.1f}; "
          f"nginx {about['nginx']}; gateway {about['gateway']}")
    print(f"layout {about['layout']}, nice {about['nice']}{' (delays: realtime)' if about['realtime'] else ''}, median of {about['reps']}; calibration: getppid "
          + " then ".join(f"{c['getppid_ns']:.0f}" for c in calibration) + " ns, echo of 1,500 B "
          + " then ".join(f"{c['echo_ns']:.0f}" for c in calibration) + " ns\n")
    table(figures)
    print()
    for name, what in lanes.NOT_BUILT.items():
        print(f"not measured yet: {name} ({what})")
    for text in bench.warnings:
        print(f"warning: {text}")
    missed = [f.name for f in figures if f.met() is False]
    if missed:
        print("missed: " + "; ".join(missed))


def main():
    args, chosen = arguments()
    bench = Bench(args)
    try:
        bench.check()
        about, calibration = machine(bench), [calibrate(bench)]
        figures = measure(bench, chosen)
        calibration.append(calibrate(bench))
    except BenchError as e:
        sys.exit(f"bench: {e}")
    except KeyboardInterrupt:
        sys.exit("bench: interrupted")
    report(bench, figures, about, calibration)
    if args.json:
        with open(args.json, "w") as f:
            json.dump({"machine": about, "calibration": calibration, "warnings": bench.warnings,
                       "figures": [{**vars(x), "met": x.met()} for x in figures],
                       "raw": bench.raw}, f, indent=1)
    if any(f.name.endswith("not measured") for f in figures):
        sys.exit(1)


if __name__ == "__main__":
    main()
