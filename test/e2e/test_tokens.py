# SPDX-License-Identifier: Apache-2.0
"""Callers with tokens of an identity provider: who gets in, as whom, and what is said to the others."""

import json
import os
import threading
import time

import openai
import pytest

import issuer
import rig

RSA, PSS, EC, ED = (issuer.Key("RS256", "rsa"), issuer.Key("PS256", "pss"), issuer.Key("ES256", "ec"),
                    issuer.Key("EdDSA", "ed"))
KEYS = [RSA, PSS, EC, ED]


@pytest.fixture
def jwks():
    servers = []

    def start(keys=KEYS, **options):
        servers.append(issuer.Jwks(keys, **options))
        return servers[-1]
    yield start
    for s in servers:
        s.stop()


def row(source, **more):
    return {"issuer": issuer.ISS, "audience": [issuer.AUDIENCE, "second"],
            "jwks": source if isinstance(source, str) else source.url, **more}


def config(p, source, more=None, **top):
    return rig.config({"m": rig.model(p), "n": rig.model(p)}, issuers={"corp": row(source, **(more or {}))}, **top)


def bearer(token):
    return [("Authorization", f"Bearer {token}")]


def ask(g, token, model="m", **options):
    return g.chat(rig.chat(model), bearer(token), **options)


def record_of(g, answer):
    """The record of one request, when it is written."""
    name = answer.field("x-trivium-id")
    return rig.eventually(lambda: [r for r in g.records() if r["id"] == name], 5, f"record {name}")[0]


def tells(g, *words):
    """The gateway's log says it, in a while."""
    for word in words:
        rig.eventually(lambda w=word: w in g.log().decode(), 5, f"`{word}` in the log")


# ---- who gets in ----------------------------------------------------------------

@pytest.mark.parametrize("key", KEYS, ids=lambda k: k.alg)
def test_a_good_token(provider, gateway, jwks, key):
    server = jwks()
    g = gateway(config(provider(), server))
    a = ask(g, issuer.token(key))
    assert a.status == 200, a.body
    record = g.record()
    assert record["caller"] == "corp#alice" and record["tenant"] == "default"
    assert "token_refused" not in record
    assert server.asked == 1 and server.path == "/keys" and "Authorization" not in server.seen


def test_the_sdk_with_a_token(provider, gateway, jwks, sdk):
    g = gateway(config(provider(), jwks()))
    client = sdk(g, api_key=issuer.token(ED, sub="bob"))
    assert client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])
    assert "".join(c.choices[0].delta.content or "" for c in client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "x"}], stream=True) if c.choices)
    assert {r["caller"] for r in g.records(2)} == {"corp#bob"}
    with pytest.raises(openai.AuthenticationError) as e:
        sdk(g, api_key=issuer.token(ED, aud="other")).models.list()
    assert e.value.code == "token_refused"


def test_the_other_places_of_a_key(provider, gateway, jwks):
    g = gateway(config(provider(), jwks()))
    for field in ("x-api-key", "api-key", "x-goog-api-key"):
        assert g.chat(rig.chat(), [(field, issuer.token(EC))]).status == 200


def test_keys_and_tokens_together(provider, gateway, jwks):
    g = gateway(config(provider(), jwks(), keys=[{"id": "app", "secret": "env:APP_KEY"}]),
                env={"APP_KEY": "tv-app.with.dots-0123456789"})
    assert ask(g, "tv-app.with.dots-0123456789").status == 200
    assert ask(g, issuer.token(ED)).status == 200
    unknown = ask(g, "tv-unknown-0123456789")
    assert unknown.status == 401 and unknown.code == "key_unknown"
    assert unknown.field("www-authenticate") == "Bearer"
    assert [r["caller"] for r in g.records(3)] == ["app", "corp#alice", "anonymous"]


def test_nobody_without_a_token(provider, gateway, jwks):
    g = gateway(config(provider(), jwks()))
    a = g.chat()
    assert a.status == 401 and a.code == "key_missing"


# ---- attacks --------------------------------------------------------------------

def attacks():
    now = int(time.time())
    good = issuer.claims_of()
    other = issuer.Key("RS256", "rsa")
    text = issuer.text_of({"alg": "ES256", "kid": "ec"}, good)
    public = RSA.jwk()["n"].encode()
    forged = {"alg": "RS256", "kid": "rsa", "jwk": other.jwk(), "jku": "http://127.0.0.1:1/keys",
              "x5u": "http://127.0.0.1:1/cert"}
    twice = json.dumps(good)[:-1].encode() + b',"sub":"root"}'
    return {
        "none": (issuer.text_of({"alg": "none"}, good) + ".", "alg_none"),
        "nOnE, signed": (issuer.token(RSA, header={"alg": "nOnE", "kid": "rsa"}), "alg_none"),
        "an HMAC under the public key": (issuer.hmac_token(public), "alg_symmetric"),
        "the algorithm of another key": (issuer.token(EC, header={"alg": "ES256", "kid": "rsa"}), "alg_mismatch"),
        "RS256 under a key for PS256": (issuer.token(RSA, header={"alg": "RS256", "kid": "pss"}), "alg_mismatch"),
        "a key of its own": (issuer.token(other, header=forged), "signature"),
        "somebody else's signature": (issuer.token(other), "signature"),
        "R = S = 0": (f"{text}.{issuer.letters(bytes(64))}", "signature"),
        "a path in kid": (issuer.token(RSA, header={"alg": "RS256", "kid": "../../etc/passwd"}), "kid_unknown"),
        "crit": (issuer.token(RSA, header={"alg": "RS256", "kid": "rsa", "crit": ["x"], "x": 1}), "critical"),
        "a logout token": (issuer.token(RSA, header={"alg": "RS256", "kid": "rsa", "typ": "logout+jwt"}), "type"),
        "another audience": (issuer.token(ED, aud=["x", "y"]), "audience"),
        "another issuer": (issuer.token(ED, iss="https://id.example.com"), "issuer_unknown"),
        "expired": (issuer.token(ED, exp=now - 3600), "expired"),
        "for ever": (issuer.token(ED, exp=None), "exp_missing"),
        "not yet": (issuer.token(ED, nbf=now + 3600), "not_yet"),
        "made later": (issuer.token(ED, iat=now + 3600), "issued_later"),
        "a name twice": (issuer.token(ED, claims=twice), "claims"),
        "no bearer": (issuer.token(ED, sub=None), "id"),
        "a bearer that ends a line": (issuer.token(ED, sub="a\nb"), "id"),
        "a bearer without end": (issuer.token(ED, sub="a" * 200), "id"),
        "a JWE": ("eyJhbGciOiJkaXIifQ..aa.bb.cc", "encrypted"),
        "no token": ("a.b", "malformed"),
        "padding": (issuer.token(ED) + "==", "encoding"),
        "20 KiB": (issuer.token(ED, filler="x" * 15000), "too_large"),
    }


def test_attacks_are_refused_each_for_its_reason(provider, gateway, jwks):
    p, server = provider(), jwks()
    g = gateway(config(p, server))
    assert ask(g, issuer.token(ED)).status == 200
    for why, (token, reason) in attacks().items():
        before = g.metric("trivium_tokens_refused_total", reason=reason)
        a = ask(g, token)
        assert (a.status, a.code) == (401, "token_refused"), why
        assert a.field("www-authenticate") == 'Bearer error="invalid_token"', why
        assert reason.encode() not in a.raw or reason in ("type", "claims", "id"), why
        record = record_of(g, a)
        assert record["token_refused"] == reason, why
        assert record["caller"] == "anonymous" and record["err"] == "token_refused", why
        assert g.metric("trivium_tokens_refused_total", reason=reason) == before + 1, why
    assert len(p.seen()) == 1, "nothing of it reached a model"
    assert server.asked <= 2, "and no URL of a token was asked"
    assert not any(part in g.log().decode() for t, _ in attacks().values() for part in t.split(".") if len(part) > 40)


def test_a_token_of_a_megabyte(provider, gateway, jwks):
    g = gateway(config(provider(), jwks()))
    with g.wire() as w:
        try:
            w.send(rig.request_bytes("POST", "/v1/chat/completions", b"{}", bearer("a." * (1 << 19))))
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert w.answer().status == 431


# ---- what claims mean -----------------------------------------------------------

ROLES = {"admin": {"explain": True}, "clerk": {"ceiling": "internal"}}
CLAIMS = {"tenant": "org.unit", "role": "groups"}


def test_tenant_and_role(provider, gateway, jwks):
    g = gateway(config(provider(), jwks(), {"claims": CLAIMS, "tenants": ["acme", "beta"], "roles": {
        "g-admins": "admin", "g-all": "clerk"}}, roles=ROLES))
    for more, refused in [
            ({"org": {"unit": "acme"}, "groups": ["g-all", "x"]}, None),
            ({"org": {"unit": "beta"}, "groups": "g-admins"}, None),
            ({"org": {"unit": "gamma"}, "groups": "g-all"}, "tenant_unknown"),
            ({"org": {"unit": ["acme"]}, "groups": "g-all"}, "tenant_unknown"),
            ({"groups": "g-all"}, "tenant_missing"),
            ({"org": {"unit": "acme"}, "groups": []}, "role_unknown"),
            ({"org": {"unit": "acme"}, "groups": ["admin"]}, "role_unknown"),
            ({"org": {"unit": "acme"}}, "role_missing")]:
        a = ask(g, issuer.token(ED, **more))
        record = record_of(g, a)
        assert a.status == (200 if refused is None else 401), more
        assert record.get("token_refused") == refused, more
        if refused is None:
            assert record["tenant"] == more["org"]["unit"]


def test_who_has_several_groups_has_the_first_role(provider, gateway, jwks):
    g = gateway(config(provider(), jwks(), {"claims": {"role": "groups"}, "roles": {
        "g-admins": "admin", "g-all": "clerk"}}, roles=ROLES))
    explain = [("x-trivium-explain", "1")]
    for groups, may in [(["g-all", "g-admins"], True), (["g-all"], False)]:
        a = g.ask("POST", "/v1/route", rig.chat(), bearer(issuer.token(ED, groups=groups)) + explain)
        assert a.status == (200 if may else 403), groups


def test_a_ceiling_holds_with_that_of_the_role(provider, gateway, jwks):
    zone = {"z": {"kind": "on_prem", "operator": "self", "clearance": {"level": "regulated", "kinds": "all"}}}
    p = provider()
    c = rig.config({"m": rig.model(p, zone="z")}, zones=zone, roles=ROLES, issuers={"corp": row(
        jwks(), claims={"role": "r", "ceiling": "label"}, ceiling="confidential")})
    g = gateway(c)
    table = [("admin", None, "confidential", 200), ("admin", None, "regulated", 403),
             ("admin", "public", "internal", 403), ("admin", "internal", "internal", 200),
             ("admin", "regulated", "regulated", 403), ("clerk", "regulated", "internal", 200),
             ("clerk", "confidential", "confidential", 403), ("clerk", "top", "public", 401)]
    for role, ceiling, label, status in table:
        a = g.chat(rig.chat(), bearer(issuer.token(ED, r=role, label=ceiling)) + [("x-trivium-label", label)])
        assert a.status == status, (role, ceiling, label, a.body)


def test_a_ceiling_that_is_asked_for_must_be_there(provider, gateway, jwks):
    g = gateway(config(provider(), jwks(), {"claims": {"ceiling": "label"}}))
    assert ask(g, issuer.token(ED)).status == 401
    assert g.record()["token_refused"] == "ceiling_missing"
    assert ask(g, issuer.token(ED, label="internal")).status == 200


def test_callers_of_an_issuer_have_budgets_teams_and_tenants(provider, gateway, jwks):
    p = provider()
    price = {"per_request_usd": "0.001"}
    g = gateway(rig.config({"m": rig.model(p, price=price, context=1000)}, tenants={"acme": {
        "budget": [{"usd": 0.006, "per": "total"}], "teams": {"ml": {"budget": [{"usd": 0.003, "per": "total"}]}, "web": {}}}},
        issuers={"corp": row(jwks(), claims={"team": "dept"}, tenant="acme", team="web",
                             budget=[{"usd": 0.002, "per": "day"}])}))

    def ask(**claims):
        a = g.chat(rig.chat(), bearer(issuer.token(ED, **claims)))
        return "ok" if a.status == 200 else a.json()["error"]["message"]
    assert [ask(sub="ann", dept="ml") for _ in range(2)] == ["ok", "ok"]
    assert "key corp#ann day UTC" in ask(sub="ann", dept="ml")
    assert ask(sub="bob", dept="ml") == "ok" and "team acme ml total UTC" in ask(sub="bob", dept="ml")
    assert [ask(sub="eve"), ask(sub="eve"), ask(sub="dan")] == ["ok"] * 3 and "tenant acme" in ask(sub="dan")
    assert g.records(9)[0]["budgets"] == ["tenant acme total UTC", "team acme ml total UTC", "key corp#ann day UTC"]
    assert g.chat(rig.chat(), bearer(issuer.token(ED, dept="none"))).status == 401
    assert g.records(10)[9]["token_refused"] == "team_unknown"


def test_models_and_workloads(provider, gateway, jwks):
    p = provider()
    work = {name: {"owner": "o", "why": "w"} for name in ("one", "two", "three")}
    g = gateway(config(p, jwks(), {"models": ["m"], "workloads": ["one", "two"], "claims": {"workloads": "scp"}},
                       workloads=work))
    named = [("x-trivium-workload", "two")]
    assert g.chat(rig.chat(), bearer(issuer.token(ED, scp="one two")) + named).status == 200
    assert g.chat(rig.chat(), bearer(issuer.token(ED, scp=["two"]))).status == 200, "the only one"
    assert g.chat(rig.chat("n"), bearer(issuer.token(ED, scp=["two"]))).status == 404, "another model"
    assert g.chat(rig.chat(), bearer(issuer.token(ED, scp=["one"])) + named).status == 403
    assert ask(g, issuer.token(ED, scp=["three"])).status == 401, "not the issuer's to give"
    assert ask(g, issuer.token(ED, scp=["four"])).status == 401
    assert ask(g, issuer.token(ED, scp=[])).status == 401
    assert [r.get("token_refused") for r in g.records(7)] == [
        None, None, None, None, "workload_unknown", "workload_unknown", "workload_missing"]


# ---- keys that change -----------------------------------------------------------

def test_a_token_is_verified_once(provider, gateway, jwks):
    g = gateway(config(provider(), jwks()))
    token = issuer.token(RSA)
    for _ in range(20):
        assert ask(g, token).status == 200
    assert g.metric("trivium_tokens_verified_total") == 1
    assert ask(g, issuer.token(RSA, sub="bob")).status == 200
    assert g.metric("trivium_tokens_verified_total") == 2


def test_a_remembered_token_expires(provider, gateway, jwks):
    g = gateway(config(provider(), jwks(), {"leeway_s": 0}))
    token = issuer.token(RSA, exp=int(time.time()) + 3)
    assert ask(g, token).status == 200
    a = rig.eventually(lambda: (a := ask(g, token)).status == 401 and a, 10, "the token's end")
    assert record_of(g, a)["token_refused"] == "expired"


def test_a_new_key_is_not_asked_for_too_soon(provider, gateway, jwks):
    server = jwks([RSA])
    g = gateway(config(provider(), server))
    assert ask(g, issuer.token(RSA)).status == 200
    new = issuer.Key("ES256", "new")
    server.keys = [RSA, new]
    a = ask(g, issuer.token(new))
    assert a.status == 401 and server.asked == 1
    assert record_of(g, a)["token_refused"] == "kid_unknown"


def test_nobody_can_make_it_fetch(provider, gateway, jwks):
    server = jwks()
    g = gateway(config(provider(), server))
    for i in range(50):
        assert ask(g, issuer.token(RSA, header={"alg": "RS256", "kid": f"made-up-{i}"})).status == 401
    assert server.asked == 1


def test_the_first_request_waits_for_the_keys(provider, gateway, jwks):
    server = jwks()
    server.delay = 1
    g = gateway(config(provider(), server))
    results = []
    threads = [threading.Thread(target=lambda: results.append(ask(g, issuer.token(ED)).status)) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == [200] * 8 and server.asked == 1


def test_without_keys_it_is_the_gateways_fault(provider, gateway, jwks):
    server = jwks()
    server.status = 500
    g = gateway(config(provider(), server))
    a = ask(g, issuer.token(ED))
    assert a.status == 503 and a.code == "issuer_down"
    tells(g, "issuer_keys_failed", "status 500")
    server.status = 200
    rig.eventually(lambda: ask(g, issuer.token(ED)).status == 200, 10, "keys, in the end")
    tells(g, '"issuer_keys"')
    assert g.metric("trivium_issuer_fetches_total", result="failed") >= 1
    assert g.metric("trivium_issuer_fetches_total", result="ok") == 1


def test_it_stops_while_keys_are_fetched(provider, gateway, jwks):
    server = jwks()
    server.delay = 30
    g = gateway(config(provider(), server))
    rig.eventually(lambda: server.asked, 5, "a fetch")
    began = time.monotonic()
    g.stop()
    assert time.monotonic() - began < 3 * rig.SLOW


@pytest.mark.parametrize("why, change", [
    ("a redirect", {"status": 302, "fields": {"Location": "http://127.0.0.1:1/"}}),
    ("a page", {"body": b"<html>"}),
    ("too much", {"body": b" " * 300000}),
    ("shared keys alone", {"body": b'{"keys":[{"kty":"oct","k":"AAAA"}]}'}),
    ("a coding", {"fields": {"Content-Encoding": "gzip"}}),
])
def test_what_is_no_set_of_keys(provider, gateway, jwks, why, change):
    server = jwks()
    for name, value in change.items():
        setattr(server, name, value)
    g = gateway(config(provider(), server))
    assert ask(g, issuer.token(ED)).status == 503, why
    tells(g, "issuer_keys_failed")


def test_keys_over_tls(provider, gateway, jwks, authority, tmp_path):
    files = authority.issue("issuer", ["127.0.0.1"])
    server = jwks(tls=files)
    g = gateway(config(provider(), server, {"ca": authority.path}))
    assert ask(g, issuer.token(ED)).status == 200
    g = gateway(config(provider(), server))
    assert ask(g, issuer.token(ED)).status == 503, "an authority that nobody named"
    tells(g, "upstream_tls")


def test_keys_of_a_file(provider, gateway, tmp_path):
    path = os.path.join(tmp_path, "keys.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"keys": [ED.jwk()]}, f)
    g = gateway(config(provider(), f"file:{path}"))
    assert ask(g, issuer.token(ED)).status == 200
    assert ask(g, issuer.token(EC)).status == 401


def test_a_reload_means_the_claims_anew(provider, gateway, jwks):
    p, server = provider(), jwks()
    wide = config(p, server, {"claims": {"tenant": "t"}, "tenants": ["acme", "beta"]})
    g = gateway(wide)
    token = issuer.token(ED, t="beta")
    assert ask(g, token).status == 200
    g.write(config(p, server, {"claims": {"tenant": "t"}, "tenants": ["acme"]}))
    g.signal(rig.signal.SIGHUP)
    a = rig.eventually(lambda: (a := ask(g, token)).status == 401 and a, 10, "the new configuration")
    assert record_of(g, a)["token_refused"] == "tenant_unknown"
    assert server.asked == 1, "keys outlive a reload"


def test_rotation_under_load(provider, gateway, jwks):
    """Keys change while eight clients ask on; nothing that is signed by a published key is refused."""
    old, new = issuer.Key("ES256", "old"), issuer.Key("ES256", "new")
    server = jwks([old])
    server.fields = {"Cache-Control": "max-age=1"}
    g = gateway(config(provider(), server, workers=2))
    signer, statuses, stop = [old], [], threading.Event()

    def run(number):
        i = 0
        while not stop.is_set():
            i += 1
            statuses.append((signer[0].kid, ask(g, issuer.token(signer[0], sub=f"s{number}-{i % 40}")).status))
    threads = [threading.Thread(target=run, args=(n,)) for n in range(8)]
    assert ask(g, issuer.token(old)).status == 200
    for t in threads:
        t.start()
    time.sleep(31)                               # after that an unknown key may be asked for
    server.keys = [old, new]
    signer[0] = new
    time.sleep(3)
    stop.set()
    for t in threads:
        t.join()
    assert {kid for kid, _ in statuses} == {"old", "new"}
    assert [s for s in statuses if s[1] != 200] == []
    assert server.asked == 2
