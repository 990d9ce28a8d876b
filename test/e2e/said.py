# SPDX-License-Identifier: Apache-2.0
"""Models that say what a test wants, byte for byte, and gateways that mask what goes to them."""

import http.server
import json
import re
import threading
import time

import pytest

import rig

MAIL, OTHER = "anna.kowalska@acme.io", "bob@example.org"
CARD = "4012 8888 8888 1881"
SECRET = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3hJ6"
TOKEN = re.compile(r"[A-Z][A-Za-z]+_[0-9A-Z]{10}")
KEYS = {"A": "sk-" + "a" * 30, "B": "sk-" + "b" * 30}


class Said(http.server.ThreadingHTTPServer):
    """A model that answers what the test says: answer(body) gives a status and a body, or a list of events."""
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, answer=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"
        self.bodies, self.wait, self.fields = [], 0, None
        self.answer = answer or echo
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def last(self):
        return json.loads(self.bodies[-1])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        m = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        m.bodies.append(body)
        status, said = m.answer(json.loads(body))
        whole = isinstance(said, bytes)
        self.send_response(status)
        kind = "application/json" if whole else "text/event-stream"
        for name, value in m.fields or [("Content-Type", kind)]:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said))) if whole else self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if whole:
            self.wfile.write(said)
            return
        try:
            for event in said:
                if event is None:
                    self.wfile.flush()
                    self.close_connection = True
                    self.connection.close()
                    return
                time.sleep(m.wait)
                self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True


def event(delta, finish=None, index=0, **more):
    chunk = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m",
             "choices": [{"index": index, "delta": delta, "finish_reason": finish, **more}]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def whole(*contents, **more):
    return json.dumps({"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [
        {"index": i, "message": {"role": "assistant", "content": c}, "finish_reason": "stop", **more}
        for i, c in enumerate(contents)]}).encode()


def echo(body):
    said = body["messages"][-1]["content"]
    if body.get("stream"):
        return 200, [event({"content": c}) for c in said] + [event({}, "stop"), DONE]
    return 200, whole(said)


def texts(answer):
    """The contents of an answer, by choice."""
    out = {}
    if "event-stream" not in answer.field("content-type"):
        return {c["index"]: c["message"]["content"] for c in answer.json()["choices"]}
    for data in rig.events_of(answer.body):
        if data in ("[DONE]", b"[DONE]"):
            continue
        for choice in json.loads(data).get("choices", []):
            out[choice["index"]] = out.get(choice["index"], "") + (choice["delta"].get("content") or "")
    return out


def work(name):
    return [("x-trivium-workload", name)]


def post(body):
    return rig.request_bytes("POST", "/v1/chat/completions", json.dumps(body).encode())


def talk(name):
    return [("x-trivium-conversation", name)]


@pytest.fixture
def said():
    made = []

    def one(answer=None):
        made.append(Said(answer))
        return made[-1]
    yield one
    for m in made:
        m.shutdown()


WORKLOADS = {
    "tickets": {"owner": "desk", "when_refused": ["mask"]},
    "both": {"owner": "desk", "when_refused": ["mask"], "findings": {"email_address": "mask"}},
    **{mode: {"owner": "desk", "when_refused": ["mask"], "output": {"watch": mode, "hosts": ["acme.io"]}}
       for mode in ("observe", "mask", "stop")}}


def masking(gateway, model, **more):
    zone = {"big": rig.model(model, zone="public")}
    return gateway(rig.config(zone, default_workload="tickets", workloads=WORKLOADS, **more),
                   env=KEYS if "keys" in more else None)
