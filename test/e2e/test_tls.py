# SPDX-License-Identifier: Apache-2.0
"""TLS on both sides, and the way through a proxy."""

import json
import socket
import ssl
import threading

import openai
import pytest

import identity
import rig


@pytest.fixture
def other_authority(tmp_path):
    return identity.Authority(str(tmp_path), "Another authority")


def secure_provider(provider, files, client_ca=None, script=None):
    arguments = ["--tls-certificate", files[0], "--tls-key", files[1]]
    if client_ca:
        arguments += ["--tls-ca", client_ca]
    p = provider(None, arguments=arguments, scheme="https")
    p.tls = ssl.create_default_context()
    p.tls.check_hostname, p.tls.verify_mode = False, ssl.CERT_NONE
    if script:
        p.script(script)
    return p


# ---- the gateway's own listener -----------------------------------------------

def test_a_listener_with_tls(provider, gateway, authority):
    files = authority.issue("gateway", ["localhost", "127.0.0.1"])
    p = provider()
    g = gateway(rig.config({"m": rig.model(p)}, listen={"tls": {"certificate": files[0], "key": files[1]}}))
    tls = authority.client_context()
    with g.wire(tls=tls) as w:
        for stream in (False, True):
            w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(rig.chat(stream=stream)).encode()))
            assert w.answer().status == 200
        assert w.sock.version() in ("TLSv1.2", "TLSv1.3")
    large = json.dumps(rig.chat(say="x" * 300_000)).encode()
    with g.wire(tls=tls) as w:
        w.send(rig.request_bytes("POST", "/v1/chat/completions", large))
        assert w.answer().status == 200
    assert p.last()["body"] == large
    with rig.Wire(g.port) as w:              # plain text to a TLS port
        w.send(rig.request_bytes("GET", "/v1/models"))
        assert w.sock.recv(100)[:5] != b"HTTP/"
    assert g.chat(tls=tls).status == 200, "and it goes on"


def test_the_sdk_over_tls(provider, gateway, authority):
    import httpx
    files = authority.issue("gateway", ["localhost", "127.0.0.1"])
    g = gateway(rig.config({"m": rig.model(provider())}, listen={"tls": {"certificate": files[0], "key": files[1]}}))
    with openai.OpenAI(base_url=f"https://127.0.0.1:{g.port}/v1", api_key="tv-none", max_retries=0,
                       http_client=openai.DefaultHttpxClient(verify=authority.client_context())) as client:
        assert client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])
    assert httpx


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions(provider, gateway, authority, version):
    files = authority.issue("gateway", ["localhost"])
    g = gateway(rig.config({"m": rig.model(provider())}, listen={"tls": {"certificate": files[0], "key": files[1]}}))
    tls = authority.client_context()
    tls.minimum_version = tls.maximum_version = version
    assert g.chat(tls=tls).status == 200


def test_a_listener_that_asks_for_certificates(provider, gateway, authority, other_authority):
    files = authority.issue("gateway", ["localhost"])
    g = gateway(rig.config({"m": rig.model(provider())}, listen={"tls": {
        "certificate": files[0], "key": files[1], "client_ca": authority.path}}))
    assert g.chat(tls=authority.client_context(authority.issue("client"))).status == 200
    for wrong in (None, other_authority.issue("client")):
        with pytest.raises((OSError, AssertionError)):
            g.chat(tls=authority.client_context(wrong))


def test_a_handshake_that_does_not_come_holds_nothing(provider, gateway, authority):
    files = authority.issue("gateway", ["localhost"])
    g = gateway(rig.config({"m": rig.model(provider())}, limits={"header_ms": 300},
                           listen={"tls": {"certificate": files[0], "key": files[1]}}))
    wires = [rig.Wire(g.port) for _ in range(20)]
    wires[0].send(b"\x16\x03\x01")
    assert g.chat(tls=authority.client_context()).status == 200
    assert wires[0].ended(3), "a handshake that began and did not go on is given up"
    for w in wires:
        w.close()


# ---- upstream -------------------------------------------------------------------

@pytest.fixture
def secure(provider, gateway, authority):
    """secure(model fields) makes a gateway in front of a provider with TLS; hosts are its names."""
    def make(hosts=("localhost", "127.0.0.1"), files=None, client_ca=None, host="localhost", days=30, env=None, **more):
        files = files or authority.issue("provider", hosts, days)
        p = secure_provider(provider, files, client_ca)
        g = gateway(rig.config({"m": {"vendor": "vllm", "zone": "edge", "url": f"https://{host}:{p.port}",
                                      "ca": authority.path, **more}}), env=env)
        g.provider = p
        return g
    return make


def test_an_upstream_with_tls(secure):
    g = secure()
    for stream in (False, True, False):
        assert g.chat(rig.chat(stream=stream)).status == 200
    big = g.chat(rig.chat(say="x" * 300_000))
    assert big.status == 200 and len(g.provider.last()["body"]) > 300_000
    assert g.metric("trivium_upstream_connections_opened_total") <= 2


def test_an_upstream_by_its_address(secure):
    assert secure(host="127.0.0.1").chat().status == 200


@pytest.mark.parametrize("why, options", [
    ("a certificate for another name", {"hosts": ("other.example",)}),
    ("a certificate for another address", {"hosts": ("127.0.0.2",), "host": "127.0.0.1"}),
    ("a name where an address was asked", {"hosts": ("localhost",), "host": "127.0.0.1"}),
])
def test_an_upstream_that_cannot_be_verified(secure, why, options):
    g = secure(**options)
    answer = g.chat()
    assert (answer.status, answer.code) == (502, "upstream_tls"), why
    assert g.record()["attempts"][0]["err"] == "upstream_tls"
    assert [r for r in g.provider.seen() if b"/chat/" in r["head"]] == []


def test_an_upstream_of_another_authority(secure, other_authority):
    g = secure(files=other_authority.issue("provider", ["localhost"]))
    assert g.chat().code == "upstream_tls"


def test_the_systems_authorities_do_not_vouch_for_a_private_one(provider, gateway, authority):
    p = secure_provider(provider, authority.issue("provider", ["localhost"]))
    g = gateway(rig.config({"m": {"vendor": "vllm", "zone": "edge", "url": f"https://localhost:{p.port}"}}))
    assert g.chat().code == "upstream_tls"


def test_client_certificates(secure, authority, other_authority):
    mine = authority.issue("client")
    g = secure(client_ca=authority.path, client_certificate=mine[0], client_key=mine[1])
    assert g.chat().status == 200 and g.chat(rig.chat(stream=True)).status == 200
    wrong = other_authority.issue("client")
    g = secure(client_ca=authority.path, client_certificate=wrong[0], client_key=wrong[1])
    assert g.chat().status == 502
    assert secure(client_ca=authority.path).chat().status == 502


class Server:
    """Says the same to everyone, over TLS if it has a context."""

    def __init__(self, say, tls=None):
        self.say, self.tls = say, tls
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.server.accept()
                if self.tls:
                    client = self.tls.wrap_socket(client, server_side=True)
                client.recv(65536)
                client.sendall(self.say)
                client.close()
            except ssl.SSLError:
                continue
            except OSError:
                return

    def close(self):
        self.server.close()


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize("days, code", [(30, None), (-1, "upstream_tls")])
def test_an_expired_certificate(gateway, authority, days, code):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*authority.issue("expiring", ["localhost"], days))
    server = Server(ANSWER, tls)
    g = gateway(rig.config({"m": {"vendor": "vllm", "zone": "edge", "url": f"https://localhost:{server.port}",
                                  "ca": authority.path}}))
    answer = g.chat()
    assert answer.body == b"{}" if code is None else answer.code == code
    server.close()


def test_tls_to_a_plain_port(gateway, authority):
    server = Server(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    g = gateway(rig.config({"m": {"vendor": "vllm", "zone": "edge", "url": f"https://127.0.0.1:{server.port}",
                                  "ca": authority.path}}))
    assert g.chat().code == "upstream_tls"
    server.close()


def test_a_stream_over_tls_that_is_cut_without_a_goodbye(secure):
    """Without close_notify the end of a stream could be an attacker's."""
    g = secure()
    g.provider.script({"default": {"fault": {"do": "reset", "at": 3}, "token_ms": 10}})
    events = rig.events_of(g.chat(rig.chat(stream=True)).body)
    assert b'"error"' in events[-1] and b"[DONE]" not in events


def test_models_of_different_identity_share_no_connection(provider, gateway, authority):
    """The same origin with another client certificate is another place."""
    p = secure_provider(provider, authority.issue("provider", ["localhost"]), authority.path)
    p.tls = authority.client_context(authority.issue("test"))
    a, b = authority.issue("a"), authority.issue("b")
    url = f"https://localhost:{p.port}"
    g = gateway(rig.config({
        n: {"vendor": "vllm", "zone": "edge", "url": url, "ca": authority.path,
            "client_certificate": files[0], "client_key": files[1]} for n, files in (("a", a), ("b", b))}))
    for _ in range(3):
        assert g.chat(rig.chat("a")).status == 200 and g.chat(rig.chat("b")).status == 200
    assert g.metric("trivium_upstream_connections_opened_total") == 2


# ---- a proxy ----------------------------------------------------------------------

class Proxy:
    """Takes CONNECT and carries bytes, or says what it is told."""

    def __init__(self, say=b"HTTP/1.1 200 Connection established\r\n\r\n", to=None):
        self.say, self.to = say, to
        self.heads, self.connections = [], 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            data = client.recv(4096)
            if not data:
                return
            head += data
        self.heads.append(head)
        client.sendall(self.say)
        if b" 200 " not in self.say.split(b"\r\n")[0]:
            client.close()
            return
        port = int(head.split(b" ")[1].rsplit(b":", 1)[1])
        there = socket.create_connection(("127.0.0.1", self.to or port))
        for a, b in ((client, there), (there, client)):
            threading.Thread(target=self.carry, args=(a, b), daemon=True).start()

    def carry(self, a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.server.close()


@pytest.fixture
def proxy():
    made = []

    def make(*args, **options):
        made.append(Proxy(*args, **options))
        return made[-1]
    yield make
    for p in made:
        p.close()


def test_through_a_proxy_of_the_configuration(provider, gateway, authority, proxy):
    files = authority.issue("provider", ["models.example"])
    p = secure_provider(provider, files)
    tunnel = proxy(to=p.port)
    g = gateway(rig.config({"m": {"vendor": "vllm", "zone": "edge", "url": "https://models.example",
                                  "ca": authority.path, "key": "env:KEY",
                                  "proxy": f"http://127.0.0.1:{tunnel.port}"}}), env={"KEY": "sk-0123456789abcdef"})
    for stream in (False, True):
        answer = g.chat(rig.chat(stream=stream))
        assert answer.status == 200, answer.body
    head = tunnel.heads[0].decode()
    assert head.startswith("CONNECT models.example:443 HTTP/1.1\r\nHost: models.example:443\r\n")
    assert "sk-0123456789abcdef" not in head, "the key is for the model, behind TLS"
    assert tunnel.connections == 1, "the tunnel is kept"


def test_through_the_proxy_of_the_environment(provider, gateway, authority, proxy):
    p = secure_provider(provider, authority.issue("provider", ["models.example", "direct.example"]))
    tunnel = proxy(to=p.port)
    g = gateway(rig.config({"m": {"vendor": "vllm", "zone": "edge", "url": "https://models.example",
                                  "ca": authority.path},
                            "n": {"vendor": "vllm", "zone": "edge", "url": "https://direct.example",
                                  "ca": authority.path},
                            "local": rig.model(provider())}),
                env={"HTTPS_PROXY": f"http://127.0.0.1:{tunnel.port}", "NO_PROXY": "direct.example"})
    assert g.chat().status == 200 and tunnel.connections == 1
    assert g.chat(rig.chat("n")).code in ("upstream_name", "upstream_connect"), "NO_PROXY excepts it"
    assert g.chat(rig.chat("local")).status == 200 and tunnel.connections == 1, "loopback goes straight"


@pytest.mark.parametrize("say, code", [
    (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "upstream_proxy"),
    (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "upstream_proxy"),
    (b"HTTP/1.1 302 Found\r\nLocation: http://x/\r\n\r\n", "upstream_proxy"),
    (b"nonsense\r\n\r\n", "upstream_proxy"),
    (b"", "upstream_proxy"),
])
def test_a_proxy_that_refuses(gateway, authority, proxy, say, code):
    tunnel = proxy(say)
    g = gateway(rig.config({"m": {"vendor": "vllm", "zone": "edge", "url": "https://models.example",
                                  "ca": authority.path, "proxy": f"http://127.0.0.1:{tunnel.port}"}}))
    answer = g.chat()
    assert (answer.status, answer.code) == (502, code)


def test_a_proxy_that_talks_before_its_time(provider, gateway, authority, proxy):
    """Bytes behind the proxy's answer would be read as the model's."""
    p = secure_provider(provider, authority.issue("provider", ["models.example"]))
    tunnel = proxy(b"HTTP/1.1 200 ok\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", to=p.port)
    g = gateway(rig.config({"m": {"vendor": "vllm", "zone": "edge", "url": "https://models.example",
                                  "ca": authority.path, "proxy": f"http://127.0.0.1:{tunnel.port}"}}))
    assert g.chat().status == 502


def test_a_dead_proxy(gateway, authority):
    g = gateway(rig.config({"m": {"vendor": "vllm", "zone": "edge", "url": "https://models.example",
                                  "ca": authority.path, "proxy": f"http://127.0.0.1:{rig.free_port()}"}}))
    assert g.chat().code in ("upstream_proxy", "upstream_connect")


# ---- where a gateway may connect ------------------------------------------------

@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "0.0.0.0", "224.0.0.1", "metadata.google.internal"])
def test_forbidden_addresses_are_never_connected_to(folder, gateway, host):
    """Said in the configuration, such an address is refused there, or at the latest when it is asked."""
    c = rig.config({"m": {"vendor": "vllm", "zone": "edge", "url": f"http://{host}:80"}})
    try:
        g = gateway(c)
    except AssertionError as e:
        assert "error" in str(e)
        return
    assert g.chat().code in ("upstream_address", "upstream_name")
