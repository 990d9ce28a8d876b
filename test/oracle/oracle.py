# SPDX-License-Identifier: Apache-2.0
"""oracle - what the policy says, a second time.

Written from the rules in prose and not from the kernel, in another language
and with other means: sets are sets, an answer is the first question that is
answered with no.  It is meant to be read beside the rules and to be obviously
right; it need not be fast.  It decides and nothing else: case.py makes up
policies and requests, run.py compares.

A set of models that is None means all of them.
"""

import os
import re
from typing import NamedTuple, Optional

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CANDIDATES = 8                          # the longest plan
MS = 1_000_000                          # nanoseconds
FRONTIER = 3                            # the highest capability
UNKNOWN = 2 ** 63 - 1                   # the cost of a model without a price


class Label(NamedTuple):
    level: int
    kinds: frozenset
    regions: frozenset                  # in which it may be processed
    requires: frozenset


class Clearance(NamedTuple):
    level: int
    kinds: frozenset
    regions: frozenset                  # that the place may use
    holds: frozenset


class Kind(NamedTuple):
    brings: Label
    duties: frozenset


class Place(NamedTuple):
    clearance: Clearance
    offline: bool


class Widening(NamedTuple):
    place: int
    clearance: Clearance                # of the place, as widened
    until: int
    exception: int


class Model(NamedTuple):
    place: int
    capability: int                     # 0: not said
    features: frozenset
    context: int                        # 0: not said
    latency_ms: int                     # as declared; 0: not said
    cost: int
    draining: bool


class Prefer(NamedTuple):
    cost: int
    latency: int
    quality: int


class Workload(NamedTuple):
    floor: Label
    capability: int                     # 0: any
    features: frozenset
    latency_ms: int                     # 0: no matter
    offline: bool
    refused_degrade: bool
    down_degrade: bool
    prefer: Optional[Prefer]            # None: the group's
    duties: frozenset
    models: Optional[frozenset]
    widenings: tuple


class Bound(NamedTuple):
    ceiling: Clearance
    models: Optional[frozenset]


class Policy(NamedTuple):
    kinds: tuple
    duties: frozenset
    places: tuple                       # zones, then tools
    tool_first: int
    here: Place
    models: tuple
    workloads: tuple
    bounds: tuple


class Live(NamedTuple):
    model: int
    broken: bool
    full: bool
    limited: bool
    latency: int                        # nanoseconds; 0: not known


class Facts(NamedTuple):
    workload: int
    bound: int
    label: Label
    features: frozenset
    tools: frozenset                    # counted from the first tool
    tool_unknown: bool
    tokens: int
    now: int
    prefer: Prefer
    asked: tuple                        # of Live, as written


class Verdict(NamedTuple):
    label: Label
    duties: frozenset
    degraded: bool
    plan: tuple                         # models, best first
    leans: tuple                        # for each of these, on which exception; or None
    reasons: tuple                      # for each model asked
    reason: str                         # of the whole
    strict: tuple                       # for each model asked, whatever its rank, nothing degraded
    sending: tuple                      # why not to send to each, once there is a plan


def read_reasons():
    """Names in their order, and whether the policy speaks."""
    with open(os.path.join(ROOT, "src/policy/reason.tbl"), encoding="utf-8") as f:
        return {name: said == "1" for name, said in
                re.findall(r"^REASON\((\w+),\s+([01]),", f.read(), re.M)}


REASONS = read_reasons()


# ---- may it flow --------------------------------------------------------------

def join(a, b):
    return Label(max(a.level, b.level), a.kinds | b.kinds, a.regions & b.regions,
                 a.requires | b.requires)


def close(policy, label):
    """A kind brings its level, regions and requirements with it, but no other kind."""
    for kind in label.kinds:
        label = join(label, policy.kinds[kind].brings)
    return label


def forbids(clearance, label):
    """The first of the four that forbids a flow, or None."""
    if label.level > clearance.level:
        return "LEVEL"
    if not label.kinds <= clearance.kinds:
        return "KIND"
    if not clearance.regions or not clearance.regions <= label.regions:
        return "REGION"
    if not label.requires <= clearance.holds:
        return "REQUIRES"
    return None


def flow(policy, workload, place, label, now):
    """Why content may not go to a zone, or None; and the exception on which that leans."""
    why = forbids(policy.places[place].clearance, label)
    if why is None:
        return None, None
    opened = [w for w in policy.workloads[workload].widenings
              if w.place == place and forbids(w.clearance, label) is None]
    for widening in opened:
        if now < widening.until:
            return None, widening.exception
    return "EXCEPTION_EXPIRED" if opened else why, None


# ---- the questions, in the order in which they are asked -------------------------
#
# Each is given a Request, the model as asked for and the model's row, and
# answers with a reason or with None.

class Request(NamedTuple):
    policy: Policy
    facts: Facts
    workload: Workload
    bound: Bound
    label: Label
    everywhere: tuple                   # answers to what is the same for every model


def ask_here(policy, facts, label):
    return "HERE" if forbids(policy.here.clearance, label) else None


def ask_role(policy, facts, label):
    return "ROLE" if forbids(policy.bounds[facts.bound].ceiling, label) else None


def ask_tool(policy, facts, label):
    if facts.tool_unknown:
        return "TOOL"
    for tool in facts.tools:
        # An exception opens a zone and never a tool.
        if forbids(policy.places[policy.tool_first + tool].clearance, label):
            return "TOOL"
    return None


def ask_flow(r, live, model):
    return flow(r.policy, r.facts.workload, model.place, r.label, r.facts.now)[0]


def ask_capability(r, live, model):
    return "CAPABILITY" if model.capability < r.workload.capability else None


def ask_feature(r, live, model):
    return None if r.facts.features | r.workload.features <= model.features else "FEATURE"


def ask_context(r, live, model):
    return "CONTEXT" if model.context and r.facts.tokens > model.context else None


def ask_latency(r, live, model):
    takes = model.latency_ms * MS or live.latency          # as declared, else as measured
    most = r.workload.latency_ms * MS
    return "LATENCY" if most and takes > most else None


def ask_offline(r, live, model):
    return "OFFLINE" if r.workload.offline and not r.policy.places[model.place].offline else None


def ask_allowlist(r, live, model):
    return None if r.bound.models is None or live.model in r.bound.models else "ALLOWLIST"


def ask_workload(r, live, model):
    return None if r.workload.models is None or live.model in r.workload.models else "WORKLOAD"


def ask_draining(r, live, model):
    return "DRAINING" if model.draining else None


def ask_breaker(r, live, model):
    return "BREAKER" if live.broken else None


def ask_concurrency(r, live, model):
    return "CONCURRENCY" if live.full else None


def ask_rate(r, live, model):
    return "RATE" if live.limited else None


OF_REQUEST = (ask_here, ask_role, ask_tool)
OF_MODEL = (ask_flow, ask_capability, ask_feature, ask_context, ask_latency, ask_offline,
            ask_allowlist, ask_workload, ask_draining, ask_breaker, ask_concurrency,
            ask_rate)
OF_SENDING = (ask_flow, ask_allowlist, ask_workload, ask_draining)
BY_LABEL = ("LEVEL", "KIND", "REGION", "REQUIRES", "EXCEPTION_EXPIRED")
HEALTH = ("DRAINING", "BREAKER", "CONCURRENCY", "RATE")


def understand(policy, facts):
    workload = policy.workloads[facts.workload]
    label = close(policy, join(facts.label, workload.floor))
    everywhere = tuple(why for why in (ask(policy, facts, label) for ask in OF_REQUEST) if why)
    return Request(policy, facts, workload, policy.bounds[facts.bound], label, everywhere)


def refuses(r, live, capable=True):
    """The first no, or NONE.  Where a plan is degraded, capability is not asked for."""
    if r.everywhere:
        return r.everywhere[0]
    model = r.policy.models[live.model]
    for ask in OF_MODEL:
        if ask is ask_capability and not capable:
            continue
        why = ask(r, live, model)
        if why:
            return why
    return "NONE"


def may_not_send(r, live):
    """Of a request that has its plan: needs and health were for making that."""
    if r.everywhere:
        return r.everywhere[0]
    model = r.policy.models[live.model]
    return next((why for why in (ask(r, live, model) for ask in OF_SENDING) if why), "NONE")


# ---- the plan ---------------------------------------------------------------------

def latency(r, live):
    """As measured, else as declared; what is not known yet is tried."""
    return live.latency or r.policy.models[live.model].latency_ms * MS


def badness(r, fit):
    """Of each that fits, as (whole number, number): less is better."""
    prefer = r.facts.prefer if r.workload.prefer is None else r.workload.prefer
    models = {live.model: r.policy.models[live.model] for live in fit}
    unknown = {m: model.cost == UNKNOWN for m, model in models.items()}
    dearest = max([model.cost for m, model in models.items() if not unknown[m]], default=0) or 1
    slowest = max([latency(r, live) for live in fit], default=0) or 1
    alone = not prefer.latency and not prefer.quality

    def one(live):
        # Each figure is a part of the dearest, of the slowest, or of the three steps to frontier.
        # All of it is multiplied by dearest * slowest * 3, so that it is a whole number.  An
        # unknown cost counts as the dearest; where nothing but cost counts it comes behind that.
        model = models[live.model]
        cost = dearest if unknown[live.model] else model.cost
        bad = (prefer.cost * cost * slowest * 3 + prefer.latency * latency(r, live) * dearest * 3
               + prefer.quality * (FRONTIER - model.capability) * dearest * slowest)
        return bad, bool(prefer.cost) and alone and unknown[live.model]
    grain = sum(prefer) * dearest * slowest * 3 / 2 ** 22
    return {live.model: one(live) for live in fit}, grain if sum(map(bool, prefer)) > 1 else 0


def rank(r, fit, proposed):
    """Best first; what is equally good stays as it was written.

    Where figures of different units are weighed, a proposed plan is as good as ours if at each
    of its places stands somebody who is as good to one part in four million.
    """
    bad, grain = badness(r, fit)
    ranked = [live.model for live in sorted(fit, key=lambda live: bad[live.model])]
    plan = ranked[:CANDIDATES]
    if grain and proposed and len(proposed) == len(plan) == len(set(proposed) & set(ranked)):
        if all(abs(bad[a][0] - bad[b][0]) <= grain for a, b in zip(proposed, plan)):
            return list(proposed)
    return plan


def may_degrade(workload, reasons):
    """Nobody serves.  If some fit but all of these are down, `when_down` says whether less
    capable models are tried; if the label was what kept some out, `when_refused` does."""
    if any(why in HEALTH for why in reasons):
        return workload.down_degrade
    return any(why in BY_LABEL for why in reasons) and workload.refused_degrade


def duties(r):
    return r.policy.duties.union(r.workload.duties,
                                 *(r.policy.kinds[kind].duties for kind in r.label.kinds))


def leans(r, model):
    place = r.policy.models[model].place
    return flow(r.policy, r.facts.workload, place, r.label, r.facts.now)[1]


def whole(reasons):
    """The reason of the first refused: by policy if any is."""
    refused = [why for why in reasons if why != "NONE"]
    return next((why for why in refused if REASONS[why]), refused[0] if refused else "NONE")


def decide(policy, facts, proposed=None):
    r = understand(policy, facts)
    strict = tuple(refuses(r, live) for live in facts.asked)
    reasons, degraded = strict, False
    if "NONE" not in strict and may_degrade(r.workload, strict):
        lenient = tuple(refuses(r, live, capable=False) for live in facts.asked)
        degraded = "NONE" in lenient
        reasons = lenient if degraded else strict
    plan = rank(r, [a for a, why in zip(facts.asked, reasons) if why == "NONE"], proposed)
    reasons = tuple("RANK" if why == "NONE" and a.model not in plan else why
                    for a, why in zip(facts.asked, reasons))
    return Verdict(r.label, duties(r), degraded, tuple(plan),
                   tuple(leans(r, model) for model in plan), reasons, whole(reasons), strict,
                   tuple(may_not_send(r, live) for live in facts.asked))
