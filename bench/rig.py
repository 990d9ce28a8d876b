# SPDX-License-Identifier: Apache-2.0
"""The rig of one lane: a mock, what is measured in front of it, and the load generator.

Every lane sets up its own rig, so that none inherits another's pools and buffers.  A target is
`direct` (the mock itself), `nginx`, or a gateway with a configuration of its own.
"""
import json
import os
import shutil
import subprocess
import tempfile

from procs import BenchError, Proc, cpu_ns, free_port, pinned, pss_bytes

HERE = os.path.dirname(os.path.abspath(__file__))
HEADERS = [
    "Authorization: Bearer tv-bench-0123456789abcdef0123456789abcdef",
    "Accept: application/json",
    "User-Agent: OpenAI/Python 1.99.0",
]
SOURCES = {"load": ["load.c", "drive.c", "answer.c", "hist.c", "request.c", "probe.c"],
           "mock": ["mock.c"]}
FLAGS = ["-std=gnu17", "-O2", "-g", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wshadow",
         "-Wmissing-prototypes", "-Wvla", "-Werror"]
SHAPES = ["json", "burst-10", "burst-100", "paced-100-10", "paced-40-50", "paced-1000000-1000",
          "paced-1000-600000"]


def build(out):
    """Compiles the generator and the mock where they are older than their sources."""
    os.makedirs(out, exist_ok=True)
    newest = max(os.path.getmtime(os.path.join(HERE, f)) for f in os.listdir(HERE)
                 if f.endswith((".c", ".h")))
    for program, sources in SOURCES.items():
        target = os.path.join(out, program)
        if os.path.exists(target) and os.path.getmtime(target) >= newest:
            continue
        argv = [os.environ.get("CC", "gcc"), *FLAGS, "-o", target,
                *(os.path.join(HERE, s) for s in sources)]
        if subprocess.run(argv, check=False).returncode != 0:
            raise BenchError(f"the compiler refused {program}")


def cores_of(layout):
    """Which cores mock, load and proxy may use."""
    have = sorted(os.sched_getaffinity(0))
    if layout == "one":
        one = {have[1] if len(have) > 1 else have[0]}
        return {"mock": one, "load": one, "proxy": one}
    if layout == "two" and len(have) >= 2:
        return {"mock": {have[0]}, "load": {have[0]}, "proxy": {have[1]}}
    if layout == "three" and len(have) >= 3:
        return {"mock": {have[0]}, "load": {have[2]}, "proxy": {have[1]}}
    if layout == "free":
        return {"mock": set(have), "load": set(have), "proxy": set(have)}
    raise BenchError(f"layout '{layout}' needs more cores than the {len(have)} that there are")


def law(workloads):
    """A policy with everything that a decision can ask for, and `workloads` rows to match."""
    lines = [
        "kinds: {phi: {level: regulated, requires: [baa]}, pii: {level: confidential}}",
        "here: {regions: [de], clearance: {level: regulated, kinds: all}}",
        "roles: {service: {ceiling: regulated}}", "workloads:"]
    lines += [f"  w{i:04d}: {{owner: bench, match: {{header: {{x-team: team-{i:04d}}}}}, "
              "label: {level: internal, kinds: [pii]}, "
              "needs: {capability: basic, latency_ms: 60000}, prefer: cost}"
              for i in range(workloads)]
    return lines


def govern(folder, name, duties=(), limits=True):
    """A ledger, and what every request of the one key and its tenant is held against."""
    most = "{requests_per_minute: 100000000, input_tokens_per_minute: 1000000000000, concurrency: 100000}"
    lines = [f"data: {os.path.join(folder, name)}", f"duties: [{', '.join(duties)}]"]
    secret = os.path.join(folder, "key")
    with open(secret, "w") as f:
        f.write(HEADERS[0].split()[-1] + "\n")
    os.chmod(secret, 0o600)
    if limits:
        # So large a budget that it never stands in the way; what it asks of a request is the same.
        lines.append(f"tenants: {{bench: {{limits: {most}, budget: [{{usd: 1000000, per: month}}]}}}}")
    lines.append(f"keys: [{{id: bench, tenant: bench, secret: \"file:{secret}\"" +
                 (f", limits: {most}" if limits else "") + "}]")
    return lines


def gateway_config(where, mock_port, models=0, keys=0, workloads=0, detect=False, governed=None):
    """The configuration of a gateway with its defaults, and one model per shape of answer.

    `where` is (port, admin port, folder).  The records go to a file, as they do in production;
    the file is /dev/null, so that the disk of this machine is not what is measured.  Plain lanes
    route and forward; what detection costs is the governed ones' to show, which ask for it.
    """
    port, admin, folder = where
    lines = [
        f"listen: 127.0.0.1:{port}", f"admin: 127.0.0.1:{admin}", "workers: 1",
        "log: {file: /dev/null}", "regions: [de]",
        "zones: {lab: {kind: on_prem, operator: self, regions: [de], "
        "clearance: {level: regulated, kinds: all}}}",
        "detect: {enabled: false}" if not detect else "detect: {enabled: true}" if detect is True else
        f"detect: {{enabled: true, parts: [{detect}]}}", "models:"]
    shapes = {s: s for s in SHAPES} | {f"many-{i:04d}": "json" for i in range(models)}
    for name, shape in shapes.items():
        lines.append(f"  {name}: {{vendor: vllm, zone: lab, id: \"{shape}@mock\", "
                     f"url: \"http://127.0.0.1:{mock_port}\", context: 131072, "
                     "capability: mid, price: {input_usd_per_million: 1, output_usd_per_million: 2}}")
    if workloads:
        lines += law(workloads)
    if governed is not None:
        lines += govern(folder, f"data-{port}", **governed)
    if keys:
        lines.append("keys:")
    for i in range(keys):
        secret = os.path.join(folder, f"key-{i:04d}")
        with open(secret, "w") as f:
            f.write(f"tv-bench-0123456789abcdef0123-{i:04d}\n")
        os.chmod(secret, 0o600)
        lines.append(f"  - {{id: key-{i:04d}, secret: \"file:{secret}\", tenant: bench}}")
    return "\n".join(lines) + "\n"


class Target:
    """Something that a load can be sent to."""

    def __init__(self, name, port, proc=None):
        self.name, self.port, self.proc = name, port, proc

    def cpu(self):
        return cpu_ns(self.proc.pid) if self.proc else 0

    def pss(self):
        return pss_bytes(self.proc.pid)


class Rig:
    """`with Rig(bench, layout, {...}) as rig`: everything started, and ended at the end.

    A `timed` rig measures delays at part load, and takes --realtime.
    targets: name -> None for the mock itself, "nginx", or a dict of arguments for gateway_config.
    """

    def __init__(self, bench, layout, targets, timed=False):
        self.bench, self.cores, self.wanted = bench, cores_of(layout), targets
        self.nice = "realtime" if timed and bench.args.realtime else bench.args.nice
        self.procs, self.targets = [], {}

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="bench-")
        os.chmod(self.dir, 0o755)
        try:
            self.mock_port = free_port()
            self._start("mock", [self.bench.tool("mock"), f"127.0.0.1:{self.mock_port}"],
                        "mock", self.mock_port)
            for name, kind in self.wanted.items():
                if kind is None:
                    self.targets[name] = Target(name, self.mock_port)
                elif kind == "nginx":
                    self.targets[name] = self._nginx(name)
                else:
                    self.targets[name] = self._gateway(name, kind)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        for proc in reversed(self.procs):
            proc.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    def child(self, role, nobody=False):
        """Where and how urgently a process of that role runs."""
        return pinned(self.cores[role], self.nice, nobody)

    def _start(self, name, argv, role, port, nobody=False):
        proc = Proc(name, argv, os.path.join(self.dir, name + ".log"), self.child(role, nobody))
        self.procs.append(proc)
        proc.wait_port(port)
        return proc

    def nginx_argv(self, name, port):
        prefix = os.path.join(self.dir, name)
        os.makedirs(prefix, exist_ok=True)
        os.chmod(prefix, 0o777)        # it runs as nobody where the bench runs as root
        with open(os.path.join(HERE, "nginx.conf")) as f:
            text = f.read()
        for mark, value in (("@PREFIX@", prefix), ("@LISTEN@", f"127.0.0.1:{port}"),
                            ("@UPSTREAM@", f"127.0.0.1:{self.mock_port}")):
            text = text.replace(mark, value)
        conf = os.path.join(prefix, "nginx.conf")
        with open(conf, "w") as f:
            f.write(text)
        return [self.bench.nginx, "-p", prefix, "-e", os.path.join(prefix, "error.log"), "-c", conf]

    def gateway_argv(self, name, port, args):
        conf = os.path.join(self.dir, name + ".yaml")
        with open(conf, "w") as f:
            f.write(gateway_config((port, free_port(), self.dir), self.mock_port, **args))
        return [self.bench.gateway, "run", "--config", conf]

    def _nginx(self, name):
        port = free_port()
        proc = self._start(name, self.nginx_argv(name, port), "proxy", port, nobody=True)
        return Target(name, port, proc)

    def _gateway(self, name, args):
        port = free_port()
        proc = self._start(name, self.gateway_argv(name, port, args), "proxy", port)
        return Target(name, port, proc)

    def load_argv(self, port, args):
        argv = [self.bench.tool("load"), "--json"]
        given = {str(a).split(":")[0] for a in args}
        for header in HEADERS:
            if header.split(":")[0] not in given:
                argv += ["--header", header]
        return argv + [str(a) for a in args] + [f"127.0.0.1:{port}"]

    def load(self, target, args, seconds=120):
        """One run of the generator; its report with the CPU time that the target spent."""
        before = target.cpu()
        done = subprocess.run(
            self.load_argv(target.port, args), capture_output=True, text=True, timeout=seconds,
            stdin=subprocess.DEVNULL, check=False,
            preexec_fn=self.child("load"))
        if done.returncode != 0:
            raise BenchError(f"the load on {target.name} failed: {done.stderr}"
                             + (target.proc.tail() if target.proc else ""))
        report = json.loads(done.stdout)
        report["cpu_ns"] = target.cpu() - before
        bad = {k: report[k] for k in ("torn", "miscounted", "broken", "malformed", "refused",
                                      "unanswered") if report[k]}
        bad.update({f"status {k}": n for k, n in report["status"].items() if k != "200"})
        if report["ok"] == 0:
            raise BenchError(f"no good answer from {target.name}: {bad}")
        if bad:
            self.bench.warn(f"{target.name}: {bad} of {report['sent']} ({' '.join(map(str, args))})")
        return report

    def hold(self, target, args):
        """Connections or streams that stay open: `with rig.hold(...) as held`."""
        return Hold(self, target, args)


class Hold:
    def __init__(self, rig, target, args):
        self.rig, self.target, self.args = rig, target, args

    def __enter__(self):
        rig = self.rig
        self.popen = subprocess.Popen(
            rig.load_argv(self.target.port, ["--hold", "--duration", 180, *self.args]),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=rig.child("load"))
        line = self.popen.stdout.readline()
        if not line.startswith("READY "):
            self.popen.kill()
            raise BenchError(f"{self.target.name} did not take all connections: {line.strip()}")
        self.held = int(line.split()[1])
        return self

    def __exit__(self, *_):
        self.popen.stdin.close()
        try:
            rest = self.popen.stdout.read()
            self.popen.wait(20)
            self.report = json.loads(rest)
        except (subprocess.TimeoutExpired, ValueError):
            self.popen.kill()
            self.popen.wait()
            self.report = {}
