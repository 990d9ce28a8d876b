# SPDX-License-Identifier: Apache-2.0
"""rig - the built program, its simulated providers, and a client of bare sockets.

Nothing here knows what a test wants; it starts processes on free ports, waits
until they serve, reads what they say, and ends them.  A gateway that ends with
anything but 0, or says that the program was wrong, fails the test that had it.
"""

import base64
import json
import os
import random
import re
import select
import signal
import socket
import ssl
import subprocess
import time
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BINARY = (os.environ.get("TRIVIUM_BIN") or os.environ.get("TRIVIUM")
          or os.path.join(ROOT, os.environ.get("BUILD", "build"), "trivium"))
UNPROVEN = (os.environ.get("TRIVIUM_UNPROVEN")
            or os.path.join(ROOT, os.environ.get("BUILD", "build"), "unproven/trivium"))
SLOW = 6 if os.environ.get("TRIVIUM_SAN") else 1      # how much slower a sanitizer makes it
PROGRAM_WRONG = re.compile(rb"must_failed|AddressSanitizer|ThreadSanitizer|LeakSanitizer|runtime error")


def eventually(condition, seconds=5.0, what="the condition"):
    """Waits until condition() is true, and returns its value."""
    until = time.monotonic() + seconds * SLOW
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError(f"{what} did not come true in {seconds} s")
        time.sleep(0.01)


GIVEN = set()


def free_port(but=0):
    """A port that nobody has, below those for outgoing connections; never the same twice."""
    while True:
        port = random.SystemRandom().randrange(15000, 32000)
        if port == but or port in GIVEN:
            continue
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                GIVEN.add(port)
                return port
            except OSError:
                pass


def clean_environment(extra=None):
    """The environment without anything that a gateway would take for its own."""
    keep = {k: v for k, v in os.environ.items()
            if not k.endswith(("_API_KEY", "_PROXY", "_proxy")) and not k.startswith("OPENAI")}
    return {**keep, **(extra or {})}


# ---- HTTP/1.1 on a bare socket ----------------------------------------------

@dataclass
class Answer:
    status: int
    reason: str
    fields: list                 # (name in lower case, value)
    body: bytes                  # decoded
    raw: bytes                   # every byte of it

    def field(self, name):
        found = [v for n, v in self.fields if n == name.lower()]
        assert len(found) <= 1, f"{name} stands {len(found)} times"
        return found[0] if found else None

    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json()["error"]["code"]


class Wire:
    """A connection that sends what it is told and reads answers strictly."""

    def __init__(self, port, tls=None, host="localhost", timeout=10):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=timeout * SLOW)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.sock = tls.wrap_socket(self.sock, server_hostname=host)
        self.buffer = b""
        self.taken = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data)

    def more(self):
        """Reads more; False at the end."""
        try:
            data = self.sock.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError):
            data = b""
        self.buffer += data
        return bool(data)

    def take(self, count):
        while len(self.buffer) < count:
            assert self.more(), f"the connection ended; {count} bytes wanted, got {self.buffer!r}"
        out, self.buffer = self.buffer[:count], self.buffer[count:]
        self.taken += out
        return out

    def until(self, mark):
        while mark not in self.buffer:
            assert self.more(), f"the connection ended before {mark!r}; got {self.buffer!r}"
        return self.take(self.buffer.index(mark) + len(mark))

    def chunk(self):
        """The next chunk's payload; empty at the last one."""
        size = self.until(b"\r\n")[:-2]
        assert re.fullmatch(rb"[0-9a-fA-F]+", size), f"not a chunk size: {size!r}"
        data = self.take(int(size, 16))
        assert self.take(2) == b"\r\n"
        return data

    def head(self):
        """An answer's status line and fields, its body not read yet."""
        self.taken = b""
        lines = self.until(b"\r\n\r\n")[:-4].decode("latin-1").split("\r\n")
        match = re.fullmatch(r"HTTP/1\.1 (\d{3}) (.*)", lines[0])
        assert match, f"not a status line: {lines[0]!r}"
        fields = []
        for line in lines[1:]:
            name, value = line.split(":", 1)
            assert re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name), f"not a field name: {name!r}"
            fields.append((name.lower(), value.strip()))
        return Answer(int(match[1]), match[2], fields, b"", b"")

    def answer(self, to_head=False):
        a = self.head()
        while a.status == 100:
            a = self.head()
        length, coding = a.field("content-length"), a.field("transfer-encoding")
        assert not (length and coding), "both Content-Length and Transfer-Encoding"
        if to_head or a.status in (204, 304):
            pass
        elif coding:
            assert coding == "chunked"
            while piece := self.chunk():
                a.body += piece
        elif length is not None:
            a.body = self.take(int(length))
        else:
            while self.more():
                pass
            a.body = self.take(len(self.buffer))
        a.raw = self.taken
        return a

    def ended(self, seconds=5):
        """True if the other side closes within so long, without saying anything more."""
        self.sock.settimeout(seconds * SLOW)
        try:
            return self.buffer == b"" and not self.more()
        except TimeoutError:
            return False


def request_bytes(method, path, body=None, fields=(), host="localhost"):
    """A plain request; fields are (name, value) pairs or whole lines."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    for f in fields:
        lines.append(f if isinstance(f, str) else f"{f[0]}: {f[1]}")
    if body is not None:
        names = [line.split(":")[0].lower() for line in lines]
        if "content-type" not in names:
            lines.append("Content-Type: application/json")
        if "content-length" not in names and "transfer-encoding" not in names:
            lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")


def chat(model="m", say="hello", **more):
    return {"model": model, "messages": [{"role": "user", "content": say}], **more}


def events_of(body):
    """The data of each event of a stream, comments left out."""
    out = []
    for event in re.split(rb"\r\n\r\n|\n\n|\r\r", body):
        lines = [x for x in re.split(rb"\r\n|\n|\r", event) if x and not x.startswith(b":")]
        if lines:
            out.append(b"\n".join(x[5:].removeprefix(b" ") for x in lines if x.startswith(b"data:")))
    return out


# ---- processes --------------------------------------------------------------

class Process:
    def __init__(self, arguments, folder, name, env=None, cwd=None, binary=BINARY):
        self.name = name
        self.stderr_path = os.path.join(folder, f"{name}.err")
        self.stdout_path = os.path.join(folder, f"{name}.out")
        with open(self.stderr_path, "wb") as err, open(self.stdout_path, "wb") as out:
            self.popen = subprocess.Popen([binary, *arguments], stdin=subprocess.DEVNULL, stdout=out,
                                          stderr=err, env=clean_environment(env), cwd=cwd or folder)

    @property
    def pid(self):
        return self.popen.pid

    def stderr(self):
        with open(self.stderr_path, "rb") as f:
            return f.read()

    def stdout(self):
        with open(self.stdout_path, "rb") as f:
            return f.read()

    def is_alive(self):
        return self.popen.poll() is None

    def signal(self, number):
        self.popen.send_signal(number)

    def wait(self, seconds=15):
        return self.popen.wait(seconds * SLOW)

    def kill(self):
        if self.is_alive():
            self.popen.kill()
            self.popen.wait()


class Provider(Process):
    """trivium fake, driven over its control pages."""

    count = 0

    def __init__(self, folder, script=None, arguments=(), scheme="http"):
        Provider.count += 1
        super().__init__(["fake", "--listen", "127.0.0.1:0", *arguments], folder,
                         f"provider{Provider.count}")
        self.scheme = scheme
        line = eventually(lambda: self.stdout() or not self.is_alive(), 10, "a provider")
        assert self.is_alive(), self.stderr()
        self.port = int(re.search(rb":(\d+)\n", line if isinstance(line, bytes) else b"")[1])
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self.tls = None
        if script is not None:
            self.script(script)

    def control(self, method, path, body=None):
        with Wire(self.port, self.tls) as w:
            w.send(request_bytes(method, path, body))
            return w.answer()

    def script(self, script):
        a = self.control("POST", "/fake/script", json.dumps(script).encode())
        assert a.status == 200, a.body

    def seen(self):
        """What it received, oldest first; head and body as bytes."""
        page = self.control("GET", "/fake/requests").json()
        for r in page["requests"]:
            r["head"] = base64.b64decode(r["head"])
            r["body"] = base64.b64decode(r["body"])
        return page["requests"]

    def last(self):
        return self.seen()[-1]

    def stop(self):
        if self.is_alive():
            self.signal(signal.SIGTERM)
            assert self.wait() == 0, self.stderr()
        assert not PROGRAM_WRONG.search(self.stderr()), self.stderr()


class Gateway(Process):
    """trivium run with a configuration; JSON is YAML."""

    count = 0

    def __init__(self, folder, config, env=None, ready=True, arguments=(), binary=BINARY):
        Gateway.count += 1
        self.folder = folder
        self.number = Gateway.count
        self.config_path = os.path.join(folder, f"gateway{self.number}.yaml")
        self.log_path = os.path.join(folder, f"gateway{self.number}.log")
        self.port = free_port()
        self.admin_port = free_port(but=self.port)
        self.write(config)
        super().__init__(["run", "--config", self.config_path, *arguments], folder,
                         f"gateway{self.number}", env, binary=binary)
        self.url = f"http://127.0.0.1:{self.port}"
        self.base_url = f"{self.url}/v1"
        if ready:
            eventually(self.is_ready, 10, "a gateway that serves")

    def write(self, config):
        """Writes the configuration; what a test does not say is filled in."""
        if isinstance(config, dict):
            config = {"listen": f"127.0.0.1:{self.port}", "admin": f"127.0.0.1:{self.admin_port}",
                      "workers": 1, "log": {"file": self.log_path}, **config}
            listen = config["listen"]
            if isinstance(listen, dict) and "address" not in listen:
                config["listen"] = {"address": f"127.0.0.1:{self.port}", **listen}
            config = json.dumps(config, indent=1)
        with open(self.config_path, "w", encoding="utf-8") as f:
            f.write(config)

    def is_ready(self):
        if not self.is_alive():
            raise AssertionError(f"the gateway ended: {self.stderr().decode()}{self.stdout().decode()}")
        try:
            return self.admin("/readyz").status == 200
        except (OSError, AssertionError):
            return False

    def admin(self, path, method="GET"):
        with Wire(self.admin_port) as w:
            w.send(request_bytes(method, path))
            return w.answer(method == "HEAD")

    def wire(self, **options):
        return Wire(self.port, **options)

    def ask(self, method, path, body=None, fields=(), **options):
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        with self.wire(**options) as w:
            w.send(request_bytes(method, path, body, fields))
            return w.answer(method == "HEAD")

    def chat(self, body=None, fields=(), **options):
        return self.ask("POST", "/v1/chat/completions", chat() if body is None else body, fields,
                        **options)

    def log(self):
        try:
            with open(self.log_path, "rb") as f:
                return f.read()
        except FileNotFoundError:
            return b""

    def records(self, count=None):
        """The records of requests; waits until there are `count`, and that there are no more."""
        def read():
            # A line that is being written is none yet.
            lines = self.log().rpartition(b"\n")[0].splitlines()
            return [r for r in map(json.loads, lines) if "id" in r]
        if count is None:
            return read()
        eventually(lambda: len(read()) >= count, 5, f"record {count}")
        time.sleep(0.1)
        got = read()
        assert len(got) == count, f"{len(got)} records, {count} wanted: {got}"
        return got

    def record(self):
        return self.records(1)[0]

    def metric(self, name, **labels):
        """The sum of a metric's series with these labels."""
        total = 0.0
        for line in self.admin("/metrics").body.decode().splitlines():
            m = re.fullmatch(r"(\w+)(?:\{(.*)\})? ([-+.eE\dNaIinf]+)", line)
            if not m or m[1] != name:
                continue
            have = dict(re.findall(r'(\w+)="([^"]*)"', m[2] or ""))
            if all(have.get(k) == v for k, v in labels.items()):
                total += float(m[3])
        return total

    def stop(self):
        if self.is_alive():
            self.signal(signal.SIGTERM)
            code = self.wait()
            assert code == 0, f"the gateway ended with {code}: {self.stderr().decode()}"
        both = self.stderr() + self.log()
        assert not PROGRAM_WRONG.search(both), both.decode()


def run(*arguments, env=None, cwd=None, seconds=10):
    """Runs a command of the program to its end."""
    return subprocess.run([BINARY, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          env=clean_environment(env), cwd=cwd, timeout=seconds * SLOW)


def children_of(pid):
    """Process ids of the children of a process, from /proc."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        return [int(x) for x in f.read().split()]


def notice(gateway):
    """
    Returns when an end of a connection that its provider did not announce was noticed: both had a turn
    of their loops, and the news that came before an answer is told before it.
    """
    time.sleep(0.01 * SLOW)
    gateway.provider.seen()
    assert gateway.admin("/healthz").status == 200


def withheld(pids):
    """
    Seconds in which this thread, or the first thread of one of these processes, could have run and the
    machine ran something else: what a measured time has of the machine and not of the program.
    """
    total = 0
    for path in ["/proc/thread-self/schedstat", *(f"/proc/{pid}/schedstat" for pid in pids)]:
        try:
            with open(path, encoding="ascii") as f:
                total += int(f.read().split()[1])
        except OSError:
            pass                             # a kernel that does not count, or a process that has ended
    return total / 1e9


def is_readable(sock, seconds):
    return bool(select.select([sock], [], [], seconds)[0])


# ---- configurations ---------------------------------------------------------

ZONES = {
    "edge": {"kind": "edge", "operator": "self", "clearance": {"level": "regulated", "kinds": "all"}},
    "site": {"kind": "on_prem", "operator": "self",
             "clearance": {"level": "confidential", "kinds": "all"}},
    "public": {"kind": "public_api", "clearance": {"level": "internal"}},
}
PRICE = {"input_usd_per_million": 1, "output_usd_per_million": 10,
         "cached_input_usd_per_million": 0.1}


def model(provider, zone="edge", **more):
    """A model that a simulated provider answers for."""
    return {"vendor": "vllm", "zone": zone, "url": provider.url, **more}


def config(models, **more):
    return {"zones": ZONES, "models": models, **more}
