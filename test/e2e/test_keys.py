# SPDX-License-Identifier: Apache-2.0
"""Keys that are made while the gateway runs: by command, by API, and what they may do from the next request on."""

import json
import os
import signal
import stat
import threading
import time

import openai
import pytest

import rig


class Admin:
    """An operator at a gateway's admin port."""

    def __init__(self, g, key=None):
        self.g = g
        self.folder = os.path.join(g.folder, "data")
        if key is None:
            with open(os.path.join(self.folder, "admin.key"), encoding="ascii") as f:
                key = f.read().strip()
        self.key = key

    def ask(self, method, path, body=None):
        body = None if body is None else json.dumps(body).encode()
        with rig.Wire(self.g.admin_port) as w:
            w.send(rig.request_bytes(method, path, body, [("Authorization", f"Bearer {self.key}")] if self.key else []))
            return w.answer()

    def make(self, path="/api/keys", **fields):
        a = self.ask("POST", path, fields)
        assert a.status == 201, a.body
        return a.json()


def bearer(key):
    return [("Authorization", f"Bearer {key}")]


@pytest.fixture
def book(folder, provider, gateway):
    """A gateway with a data folder and two models; again() starts one on the same folder."""
    def start(**more):
        p = provider()
        g = gateway(rig.config({"m": rig.model(p), "far": rig.model(p, "public")},
                               **{"data": os.path.join(folder, "data"), **more}))
        g.provider, g.root = p, Admin(g)
        return g
    return start


def trivium(g, *arguments):
    return rig.run(*arguments, "--data", os.path.join(g.folder, "data"))


# ---- as somebody new does it ------------------------------------------------

def test_a_new_user_makes_a_key_and_uses_it(book, sdk):
    g = book()
    admin = os.path.join(g.folder, "data", "admin.key")
    assert stat.S_IMODE(os.stat(admin).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.join(g.folder, "data", "pepper")).st_mode) == 0o600
    assert admin.encode() in g.stderr() and g.root.key.encode() not in g.stderr()
    made = trivium(g, "key", "create", "--name", "laptop", "--models", "m")
    assert made.returncode == 0, made.stderr
    key = made.stdout.decode().strip()
    done = sdk(g, api_key=key).chat.completions.create(model="m", messages=rig.chat()["messages"])
    assert done.choices[0].message.content
    with pytest.raises(openai.AuthenticationError):
        sdk(g, api_key="tv-none").chat.completions.create(model="m", messages=rig.chat()["messages"])
    assert g.records(2)[0]["caller"] == key[:19]
    listed = trivium(g, "key", "list").stdout.decode()
    assert key[:19] in listed and key not in listed


def test_commands_say_clearly_that_no_gateway_runs(folder, book):
    none = rig.run("key", "list", "--data", folder)
    assert none.returncode == 66 and b"data folder of a gateway that runs" in none.stderr
    g = book()
    g.stop()
    gone = trivium(g, "key", "list")
    assert gone.returncode == 66 and b"no gateway answers" in gone.stderr


def test_a_key_is_there_after_kill_9(book, folder, gateway):
    g = book()
    key = g.root.make(name="kept")["key"]
    for pid in [*rig.children_of(g.pid), g.pid]:
        os.kill(pid, signal.SIGKILL)
    g.wait()
    other = gateway(rig.config({"m": rig.model(g.provider)}, data=os.path.join(folder, "data")))
    assert other.chat(fields=bearer(key)).status == 200
    assert other.chat().code == "key_missing"
    assert b"Bearer YOUR_KEY" in other.stdout() and b"Bearer" not in g.stdout(), "what to try is what works"
    assert Admin(other, g.root.key).ask("GET", "/api/keys").json()["data"][0]["name"] == "kept"


# ---- from the next request on ------------------------------------------------

def test_no_request_after_a_revocation_is_served(book):
    g = book(workers=2)
    key = g.root.make()
    revoked, late, served = threading.Event(), [], [0]

    def load():
        while True:
            after = revoked.is_set()
            status = g.chat(fields=bearer(key["key"])).status
            served[0] += status == 200
            if after:
                late.append(status)
                return

    threads = [threading.Thread(target=load) for _ in range(8)]
    for t in threads:
        t.start()
    time.sleep(0.3)
    assert g.root.ask("POST", f"/api/keys/{key['id']}/revoke").status == 200
    revoked.set()
    for t in threads:
        t.join()
    # One address that is wrong so often is told only that.
    assert served[0] > 0 and len(late) == 8 and set(late) <= {401, 429}
    assert g.chat(fields=bearer(key["key"])).code in ("key_revoked", "login_limited")
    assert g.root.ask("POST", f"/api/keys/{key['id']}/rotate").code == "key_revoked"


def test_a_rotation_overlaps_and_ends(book):
    g = book()
    old = g.root.make()
    new = g.root.ask("POST", f"/api/keys/{old['id']}/rotate", {"overlap_seconds": 1}).json()
    assert new["id"] == old["id"] and new["key"] != old["key"]
    assert [g.chat(fields=bearer(k["key"])).status for k in (old, new)] == [200, 200]
    rig.eventually(lambda: g.chat(fields=bearer(old["key"])).status == 401, 5, "the end of the overlap")
    assert g.chat(fields=bearer(new["key"])).status == 200
    third = g.root.ask("POST", f"/api/keys/{old['id']}/rotate", {"overlap_seconds": 0}).json()
    assert [g.chat(fields=bearer(k["key"])).status for k in (new, third)] == [401, 200]


def test_a_key_expires(book):
    g = book()
    key = g.root.make(expires_in=1)
    assert g.chat(fields=bearer(key["key"])).status == 200
    rig.eventually(lambda: g.chat(fields=bearer(key["key"])).status == 401, 5, "the expiry")
    assert g.chat(fields=bearer(key["key"])).code == "key_expired"


def test_the_keys_of_a_suspended_tenant_are_refused(book):
    g = book()
    assert g.root.ask("POST", "/api/tenants", {"name": "acme"}).status == 201
    key = g.root.make(tenant="acme")["key"]
    other = g.root.make()["key"]
    assert g.root.ask("POST", "/api/tenants/acme/suspend").status == 200
    assert g.chat(fields=bearer(key)).code == "tenant_suspended"
    assert g.chat(fields=bearer(other)).status == 200
    assert g.root.ask("POST", "/api/tenants/acme/resume").status == 200
    assert g.chat(fields=bearer(key)).status == 200


# ---- what a key may do -------------------------------------------------------

SCOPES = (
    ({"models": ["m"]}, "m", 200, "a model that it may use"),
    ({"models": ["m"]}, "far", 404, "a model that it may not use is as unknown as none"),
    ({"models": []}, "m", 404, "an empty list allows nothing"),
    ({"zones": ["public"]}, "far", 200, "a zone that it may use"),
    ({"zones": ["public"]}, "m", 404, "a model of another zone"),
    ({"endpoints": ["embeddings"]}, "m", 403, "an operation that it may not ask for"),
    ({"level": "public"}, "m", 200, "content below its ceiling"),
)


def test_scopes_hold(book):
    g = book()
    for fields, model, want, why in SCOPES:
        key = g.root.make(**fields)["key"]
        assert g.chat(rig.chat(model), fields=bearer(key)).status == want, why
    low = g.root.make(level="public")["key"]
    a = g.chat(fields=[*bearer(low), ("x-trivium-label", "internal")])
    assert (a.status, a.code) == (403, "policy_role")


def test_a_name_that_the_configuration_loses_is_refused(book):
    g = book(roles={"analyst": {"ceiling": "internal"}})
    role, model = g.root.make(role="analyst")["key"], g.root.make(models=["far"])["key"]
    assert g.chat(fields=bearer(role)).status == 200
    g.write(rig.config({"m": rig.model(g.provider)}, data=os.path.join(g.folder, "data")))
    g.signal(signal.SIGHUP)
    rig.eventually(lambda: g.chat(fields=bearer(role)).status == 403, 5, "the reload")
    a = g.chat(fields=bearer(role))
    assert a.code == "key_stale" and "analyst" in a.json()["error"]["message"]
    assert g.chat(fields=bearer(model)).status == 404, "a list of which nothing is left allows nothing"


def test_what_must_never_happen_is_proven_of_keys_that_are_not_made_yet(folder):
    def check(**more):
        path = os.path.join(folder, "c.yaml")
        file = {"zones": rig.ZONES, "models": {"m": {"vendor": "vllm", "zone": "edge", "url": "http://127.0.0.1:1"}},
                "roles": {"low": {"ceiling": "public"}, "service": {"ceiling": "regulated"}},
                "keys": [{"id": "k", "secret": "env:K", "role": "low"}],
                "never": [{"name": "n", "origin.level": ">= regulated", "zone.kind": "edge"}], **more}
        with open(path, "w", encoding="utf-8") as f:
            json.dump(file, f)
        return rig.run("check", path, env={"K": "x" * 32})
    assert check().returncode == 0, check().stderr
    made = check(data="data")
    said = made.stderr + made.stdout
    assert made.returncode != 0 and b"with a key of role `service`" in said, said


# ---- operators ----------------------------------------------------------------

MISTAKES = (
    ("POST", "/api/keys", {"models": ["zz"]}, 400, "name_unknown", "models"),
    ("POST", "/api/keys", {"tenant": "nobody"}, 400, "name_unknown", "tenant"),
    ("POST", "/api/keys", {"role": "nobody"}, 400, "name_unknown", "role"),
    ("POST", "/api/keys", {"endpoints": ["everything"]}, 400, "name_unknown", "endpoints"),
    ("POST", "/api/keys", {"nmae": "x"}, 400, "name_unknown", "nmae"),
    ("POST", "/api/keys", {"models": "m"}, 400, "field_type", "models"),
    ("POST", "/api/keys", {"name": "x" * 129}, 400, "field_value", "name"),
    ("POST", "/api/keys", {"name": "a\nb"}, 400, "field_value", "name"),
    ("POST", "/api/keys", {"expires": "soon"}, 400, "field_value", "expires"),
    ("POST", "/api/keys", {"metadata": {"a": 1}}, 400, "field_type", "metadata"),
    ("POST", "/api/keys", {"creator": "me"}, 400, "field_unknown", "creator"),
    ("POST", "/api/keys", [], 400, "field_type", None),
    ("GET", "/api/keys?limit=0", None, 400, "field_value", "limit"),
    ("GET", "/api/keys/tv_0000000000000000", None, 404, "key_unknown", None),
    ("POST", "/api/keys/x/revoke", None, 404, "key_unknown", None),
    ("POST", "/api/operators", {}, 400, "field_missing", "role"),
    ("POST", "/api/operators", {"role": "root"}, 400, "name_unknown", "role"),
    ("GET", "/api/nothing", None, 404, "path_unknown", None),
    ("DELETE", "/api/keys", None, 405, "method_unknown", None),
)


def test_mistakes_are_told(book):
    root = book().root
    for method, path, body, status, code, param in MISTAKES:
        a = root.ask(method, path, body)
        assert (a.status, a.code, a.json()["error"]["param"]) == (status, code, param), (method, path, body, a.body)


ROLES = {"admin": (200, 201, 200, 201), "operator": (200, 201, 403, 403), "auditor": (200, 403, 200, 403),
         "viewer": (200, 403, 403, 403)}


def test_roles_may_what_the_table_says(book):
    g = book()
    for role, want in ROLES.items():
        who = Admin(g, g.root.make("/api/operators", role=role)["key"])
        got = (who.ask("GET", "/api/keys").status, who.ask("POST", "/api/keys", {}).status,
               who.ask("GET", "/api/operators").status, who.ask("POST", "/api/operators", {"role": "viewer"}).status)
        assert got == want, role


def test_an_operator_cannot_lock_everybody_out(book):
    g = book()
    me = g.root.key[:20]
    assert g.root.ask("POST", f"/api/operators/{me}/revoke").code == "own_key"
    other = Admin(g, g.root.make("/api/operators", role="admin")["key"])
    assert other.ask("POST", f"/api/operators/{me}/revoke").status == 200
    assert g.root.ask("GET", "/api/keys").status == 401


def test_a_caller_is_no_operator_and_an_operator_no_caller(book):
    g = book()
    key = g.root.make()["key"]
    assert Admin(g, key).ask("GET", "/api/keys").code == "key_unknown"
    assert g.chat(fields=bearer(g.root.key)).code == "key_unknown"


def test_an_unknown_id_and_a_wrong_secret_have_one_answer(book):
    g = book()
    key = g.root.make()["key"]
    wrong, unknown = key[:40] + "0000" + key[44:], "tv_0000000000000000" + key[19:]
    answers = [g.chat(fields=bearer(k)) for k in (wrong, unknown)]
    assert {a.status for a in answers} == {401} and answers[0].body == answers[1].body


def test_changes_are_entries_with_who_made_them(book):
    g = book()
    key = g.root.make(name="told")
    g.root.ask("PATCH", f"/api/keys/{key['id']}", {"name": "again"})
    g.root.ask("POST", f"/api/keys/{key['id']}/revoke")
    import ledger
    found = [json.loads(x) for x in ledger.Ledger(os.path.join(g.folder, "data")).lines()]
    told = [(e["change"], e["by"]) for e in found if e.get("entry") == "change"]
    assert all(e["time"].startswith("20") for e in found), "when it was has one name in all entries"
    me = g.root.key[:20]
    assert told == [("operator.create", "first start"), ("key.create", me), ("key.change", me), ("key.revoke", me)]
    assert key["key"][20:] not in json.dumps(found)


def test_pages_follow_each_other(book):
    root = book().root
    made = {root.make()["id"] for _ in range(7)}
    got, after = [], ""
    while True:
        page = root.ask("GET", f"/api/keys?limit=3{after}").json()
        got += [k["id"] for k in page["data"]]
        if not page["has_more"]:
            break
        after = f"&after={page['last_id']}"
    assert got == sorted(made)


# ---- the folder ----------------------------------------------------------------

@pytest.mark.parametrize("harm, says", [("gone", b"put it back from a backup"), ("open", b"chmod 600"),
                                        ("short", b"32 bytes")])
def test_a_pepper_that_cannot_be_trusted_is_not_started_with(book, folder, gateway, harm, says):
    g = book()
    g.root.make()
    g.stop()
    pepper = os.path.join(folder, "data", "pepper")
    if harm == "gone":
        os.unlink(pepper)
    elif harm == "open":
        os.chmod(pepper, 0o644)
    else:
        os.truncate(pepper, 5)
    other = gateway(rig.config({"m": rig.model(g.provider)}, data=os.path.join(folder, "data")), ready=False)
    assert other.wait() != 0
    assert says in other.stderr(), other.stderr()


def test_without_a_data_folder_there_is_no_api(one):
    a = Admin(one, "tva_x").ask("GET", "/api/keys")
    assert (a.status, a.code) == (503, "no_data_folder")


# ---- what a key may use and spend --------------------------------------------

EACH = {"per_request_usd": "0.001"}


@pytest.fixture
def shop(folder, provider, gateway):
    """A gateway whose requests cost a tenth of a cent, with a team and a time zone."""
    p = provider()
    g = gateway(rig.config({"m": rig.model(p, price=EACH, context=1000)}, data=os.path.join(folder, "data"),
                           time_zones=["Europe/Berlin"],
                           tenants={"acme": {"budget": [{"usd": 0.006, "per": "total"}],
                                             "teams": {"ml": {"budget": [{"usd": 0.003, "per": "total"}]}, "web": {}}}}))
    g.root = Admin(g)
    return g


def test_a_stored_key_spends_of_its_own_its_teams_and_its_tenants_budget(shop):
    g = shop
    one, two = (g.root.make(tenant="acme", team="ml", budget=[{"usd": "0.002", "per": "month", "time_zone": "Europe/Berlin",
                                                             "alerts_percent": [100]}]) for _ in range(2))
    other = trivium(g, "key", "create", "--tenant", "acme", "--team", "web", "--budget", "1/day,2/month/Europe/Berlin",
                    "--limits", "concurrency=3,requests_per_minute=600", "--json")
    assert other.returncode == 0, other.stderr
    other = json.loads(other.stdout)
    assert other["limits"] == {"concurrency": 3, "requests_per_minute": 600} and other["team"] == "web"
    assert [(b["usd"], b["per"], b["time_zone"]) for b in other["budget"]] == [("1", "day", "UTC"),
                                                                            ("2", "month", "Europe/Berlin")]

    def ask(key):
        a = g.chat(fields=bearer(key["key"]))
        return "ok" if a.status == 200 else a.json()["error"]["message"]
    assert [ask(one), ask(one)] == ["ok", "ok"]
    assert f"key {one['id']} month Europe/Berlin" in ask(one), "its own"
    assert ask(two) == "ok" and "team acme ml total UTC" in ask(two), "its team's"
    assert [ask(other) for _ in range(3)] == ["ok"] * 3 and "tenant acme total UTC" in ask(other), "its tenant's"
    told = g.root.ask("GET", f"/api/budgets?tenant=acme&key={one['id']}").json()["data"]
    assert {b["account"]: b["spent_usd"] for b in told} == {
        "tenant acme total UTC": "0.006", "team acme ml total UTC": "0.003",
        f"key {one['id']} month Europe/Berlin": "0.002"}
    changed = trivium(g, "key", "change", one["id"], "--budget", "0.5/total", "--team", "web")
    assert changed.returncode == 0, changed.stderr
    assert "tenant acme" in ask(one), "from the next request on it is no longer its own that stands in the way"


def test_a_stored_keys_limits_hold_from_the_next_request_on(shop):
    g = shop
    key = g.root.make()
    assert [g.chat(fields=bearer(key["key"])).status for _ in range(3)] == [200] * 3
    assert g.root.ask("PATCH", f"/api/keys/{key['id']}", {"limits": {"requests_per_minute": 1}}).status == 200
    assert [g.chat(fields=bearer(key["key"])).status for _ in range(2)] == [200, 429]
    assert g.root.ask("PATCH", f"/api/keys/{key['id']}", {"limits": None}).status == 200
    assert g.chat(fields=bearer(key["key"])).status == 200


@pytest.mark.parametrize("fields,param", [
    ({"budget": {"usd": "1"}}, "budget"), ({"budget": [{"usd": "1"}]}, "budget"), ({"budget": [3]}, "budget"),
    ({"budget": [{"usd": "-1", "per": "day"}]}, "budget"), ({"budget": [{"usd": "1", "per": "year"}]}, "budget"),
    ({"budget": [{"usd": "1", "per": 1}]}, "budget"), ({"budget": [{"usd": [], "per": "day"}]}, "budget"),
    ({"budget": [{"usd": "1", "per": "day", "time_zone": None}]}, "budget"),
    ({"budget": [{"usd": "1", "per": "day", "zone": "UTC"}]}, "budget"),
    ({"budget": [{"usd": "1", "per": "day", "time_zone": "Asia/Tokyo"}]}, "budget"),
    ({"budget": [{"usd": "1", "per": "day", "time_zone": "x y"}]}, "budget"),
    ({"budget": [{"usd": "1", "per": "day", "time_zone": "z" * 200}]}, "budget"),
    ({"budget": [{"usd": "1", "per": "day", "alerts_percent": [80, 50]}]}, "budget"),
    ({"budget": [{"usd": "1", "per": "day"}] * 2}, "budget"), ({"budget": [{"usd": "1", "per": "day"}] * 5}, "budget"),
    ({"tenant": "acme", "team": "none"}, "team"), ({"team": "ml"}, "team")])
def test_budgets_and_teams_that_are_wrong(shop, fields, param):
    a = shop.root.ask("POST", "/api/keys", fields)
    assert a.status == 400 and a.json()["error"]["param"] == param, a.body


def test_a_team_or_a_time_zone_that_is_gone_makes_a_key_useless(shop):
    g = shop
    keys = [g.root.make(tenant="acme", team="web"),
            g.root.make(budget=[{"usd": "1", "per": "day", "time_zone": "Europe/Berlin"}]), g.root.make(tenant="acme")]
    with open(g.config_path, encoding="utf-8") as f:
        c = json.load(f)
    del c["time_zones"], c["tenants"]["acme"]["teams"]["web"]
    g.write(c)
    g.signal(signal.SIGHUP)
    rig.eventually(lambda: g.chat(fields=bearer(keys[0]["key"])).status == 403, 5, "the new configuration")
    assert g.chat(fields=bearer(keys[0]["key"])).code == "key_stale"
    assert "`Europe/Berlin`" in g.chat(fields=bearer(keys[1]["key"])).json()["error"]["message"]
    assert g.chat(fields=bearer(keys[2]["key"])).status == 200
