# SPDX-License-Identifier: Apache-2.0
"""Content goes only where its label may flow, whatever fails."""

import itertools

import pytest

import rig

LEVELS = ["public", "internal", "confidential", "regulated"]
CLEARED = {"edge": "regulated", "site": "confidential", "public": "internal"}


@pytest.fixture
def three(provider, gateway):
    """A model in each zone, each at its own provider, and groups of them in both directions."""
    providers = {name: provider() for name in ("edge", "site", "public")}
    g = gateway(rig.config(
        {name: rig.model(p, zone=name, id=name) for name, p in providers.items()},
        groups={"down": ["public", "site", "edge"], "up": ["edge", "site", "public"]}))
    g.providers = providers
    return g


@pytest.mark.parametrize("level, zone", list(itertools.product(LEVELS, CLEARED)))
def test_an_explicit_model(three, level, zone):
    answer = three.chat(rig.chat(zone), [("x-trivium-label", level)])
    if LEVELS.index(level) <= LEVELS.index(CLEARED[zone]):
        assert answer.status == 200 and answer.field("x-trivium-zone") == zone
    else:
        assert (answer.status, answer.code) == (403, "policy_level")
        assert answer.field("x-trivium-attempts") == "0"
        assert answer.json()["error"]["type"] == "permission_error"
        assert three.providers[zone].seen() == []
    assert answer.field("x-trivium-label") == level
    assert three.record()["label"] == level


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("group", ["down", "up", "auto"])
def test_a_group_keeps_only_what_is_cleared(three, level, group):
    answer = three.chat(rig.chat(group), [("x-trivium-label", level)])
    assert answer.status == 200
    assert LEVELS.index(level) <= LEVELS.index(CLEARED[answer.field("x-trivium-zone")])


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("stream", [False, True])
def test_no_failure_widens_the_choice(three, level, stream):
    """All providers fail: whoever is asked is cleared, and the others are never asked."""
    for p in three.providers.values():
        p.script({"default": {"status": 500}})
    for group in ("down", "up", "auto"):
        three.chat(rig.chat(group, stream=stream), [("x-trivium-label", level)])
    for zone, p in three.providers.items():
        if LEVELS.index(level) > LEVELS.index(CLEARED[zone]):
            assert p.seen() == [], f"{level} content was sent to {zone}"
        else:
            assert len(p.seen()) == 3


def test_a_group_that_nothing_may_serve(three, provider, gateway):
    p = provider()
    g = gateway(rig.config({"a": rig.model(p, zone="public"), "b": rig.model(p, zone="site")},
                           groups={"both": ["a", "b"]}))
    answer = g.chat(rig.chat("both"), [("x-trivium-label", "regulated")])
    assert (answer.status, answer.code) == (403, "policy_level")
    assert p.seen() == [] and g.record()["attempts"] == []


def test_a_refusal_says_what_but_not_whose(three):
    message = three.chat(rig.chat("public", say="my secret words"), [("x-trivium-label", "regulated")]).json()[
        "error"]["message"]
    assert "public" in message and "regulated" in message and "secret words" not in message


@pytest.mark.parametrize("value", ["Confidential", "secret", "", "confidential ,secret", "public;regulated", "4"])
def test_a_label_that_is_none_is_refused_and_not_ignored(three, value):
    answer = three.chat(rig.chat("edge"), [("x-trivium-label", value)])
    assert (answer.status, answer.code) == (400, "header_value")
    assert all(p.seen() == [] for p in three.providers.values())


def test_two_labels_are_refused(three):
    answer = three.chat(rig.chat("edge"), [("x-trivium-label", "public"), ("x-trivium-label", "regulated")])
    assert answer.status == 400


def test_the_label_is_not_told_to_the_provider(three):
    three.chat(rig.chat("edge"), [("x-trivium-label", "regulated")])
    head = three.providers["edge"].last()["head"].lower()
    assert b"regulated" not in head and b"x-trivium" not in head


def test_levels_of_ones_own(provider, gateway):
    p = provider()
    g = gateway({"levels": ["green", "red"], "zones": {
        "far": {"kind": "public_api"}, "near": {"kind": "on_prem", "operator": "self", "clearance": {"level": "red"}}},
        "models": {"a": rig.model(p, zone="far"), "b": rig.model(p, zone="near")}})
    assert g.chat(rig.chat("a")).field("x-trivium-label") == "green"
    assert g.chat(rig.chat("a"), [("x-trivium-label", "red")]).code == "policy_level"
    assert g.chat(rig.chat("b"), [("x-trivium-label", "red")]).status == 200
    assert g.chat(rig.chat("auto"), [("x-trivium-label", "red")]).field("x-trivium-model") == "b"
    assert g.chat(rig.chat("b"), [("x-trivium-label", "confidential")]).code == "header_value"


def test_a_key_is_bound_to_its_models(provider, gateway):
    p = provider()
    env = {"ALL": "tv-all-0123456789abcdef", "ONE": "tv-one-0123456789abcdef"}
    g = gateway(rig.config({"a": rig.model(p), "b": rig.model(p)}, groups={"both": ["a", "b"], "only-b": ["b"]},
                           keys=[{"id": "all", "secret": "env:ALL"},
                                 {"id": "one", "secret": "env:ONE", "models": ["a"]}]), env=env)
    all_, one = ([("Authorization", f"Bearer {env[k]}")] for k in ("ALL", "ONE"))
    assert g.chat(rig.chat("b"), all_).status == 200
    assert g.chat(rig.chat("b"), one).code == "model_unknown"
    assert g.chat(rig.chat("both"), one).field("x-trivium-model") == "a"
    assert g.chat(rig.chat("auto"), one).field("x-trivium-model") == "a"
    assert g.chat(rig.chat("only-b"), one).status in (403, 404)


def test_the_models_of_a_key_hold_in_a_group_when_they_fail(provider, gateway):
    good, bad = provider(), provider({"default": {"status": 500}})
    g = gateway(rig.config({"a": rig.model(bad), "b": rig.model(good)}, groups={"both": ["a", "b"]},
                           keys=[{"id": "one", "secret": "env:ONE", "models": ["a"]}]),
                env={"ONE": "tv-one-0123456789abcdef"})
    answer = g.chat(rig.chat("both"), [("Authorization", "Bearer tv-one-0123456789abcdef")])
    assert answer.code == "upstream_failed" and good.seen() == []
