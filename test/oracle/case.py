# SPDX-License-Identifier: Apache-2.0
"""case - made-up policies and requests, stricter versions of them, and the rows in which play.c
reads them.

Nothing here decides anything.  The dice are loaded: figures lie at, just below and just above
what they are compared with, most places are generous, and whatever is rare in a policy that
somebody would write (a region that is empty, an exception that ends now) is not rare here.
"""

from oracle import (UNKNOWN, REASONS, Bound, Clearance, Facts, Kind, Label, Live, Model, Place,
                    Policy, Prefer, Widening, Workload, join)

EVERYTHING = frozenset(range(64))       # all bits: everywhere, every feature
NOTHING = frozenset()
NOON = 1_800_000_000                    # around which exceptions end and requests come
FEATURES = range(14)
DUTIES = range(6)
NUMBER = {name: str(number) for number, name in enumerate(REASONS)}
WEIGHTS = (Prefer(0, 0, 0), Prefer(1, 0, 0), Prefer(0, 1, 0), Prefer(0, 0, 1))


class World:
    """What a policy can name."""

    def __init__(self, dice):
        self.levels = dice.choice((2, 4, 4, 4, 16))
        self.kinds = range(dice.choice((1, 4, 8, 12, 12, 64)))
        self.leaves = sorted(dice.sample(range(64), dice.randint(2, 5)))
        self.properties = sorted(dice.sample(range(64), dice.randint(2, 6)))


def some(dice, members, share):
    return frozenset([m for m in members if dice.random() < share])


def chance(dice, share):
    return dice.random() < share


# ---- policies ------------------------------------------------------------------

def make_label(dice, world, weight):
    """weight: how much it restricts, from 0 to 1."""
    level = dice.randrange(world.levels) if chance(dice, weight) else 0
    kinds = some(dice, world.kinds, weight * 1.5 / len(world.kinds))
    regions = EVERYTHING
    if chance(dice, weight * 0.5):
        regions = some(dice, world.leaves, 0.7)
    return Label(level, kinds, regions, some(dice, world.properties, weight * 0.15))


def make_clearance(dice, world, generosity):
    level = world.levels - 1
    if not chance(dice, generosity):
        level = dice.randrange(world.levels)
    kinds = frozenset(world.kinds)
    if not chance(dice, generosity):
        kinds = some(dice, world.kinds, 0.6)
    regions = frozenset((dice.choice(world.leaves),))
    if not chance(dice, generosity):
        regions = some(dice, world.leaves, 0.5)
    holds = frozenset(world.properties)
    if not chance(dice, generosity):
        holds = some(dice, world.properties, 0.7)
    return Clearance(level, kinds, regions, holds)


def make_kind(dice, world, kind):
    label = make_label(dice, world, 0.25)
    return Kind(label._replace(kinds=frozenset((kind,))), some(dice, DUTIES, 0.1))


def make_model(dice, places):
    return Model(
        place=dice.randrange(places),
        capability=dice.choice((0, 1, 2, 2, 3, 3)),
        features=EVERYTHING if chance(dice, 0.6) else some(dice, FEATURES, 0.9),
        context=dice.choice((0, 0, 0, 1000, 8000, 8000, 128_000, 128_000, 2 ** 32 - 1)),
        latency_ms=dice.choice((0, 0, 0, 50, 200, 200, 500)),
        cost=dice.choice((0, 7, 10, 10, 12_500_000, 12_500_001, 10 ** 15, UNKNOWN, UNKNOWN)),
        draining=chance(dice, 0.06))


def make_prefer(dice):
    if chance(dice, 0.7):
        return dice.choice(WEIGHTS)
    return Prefer(*(dice.choice((0, 1, 2, 5, 1000)) for _ in range(3)))


def make_set(dice, count, share):
    return None if chance(dice, 0.6) else some(dice, range(count), share)


def make_widening(dice, world, places, exception):
    return Widening(
        place=dice.choice(places),
        clearance=make_clearance(dice, world, dice.choice((0.8, 1))),
        until=NOON + dice.choice((-1000, -1, 0, 0, 1, 1000)),
        exception=exception)


def make_workload(dice, world, places, models):
    return Workload(
        floor=make_label(dice, world, 0.3 if chance(dice, 0.5) else 0),
        capability=dice.choice((0, 0, 1, 2, 3)),
        features=NOTHING if chance(dice, 0.8) else some(dice, FEATURES, 0.1),
        latency_ms=dice.choice((0, 0, 200, 500)),
        offline=chance(dice, 0.1),
        refused_degrade=chance(dice, 0.5),
        down_degrade=chance(dice, 0.5),
        prefer=None if chance(dice, 0.5) else make_prefer(dice),
        duties=some(dice, DUTIES, 0.15),
        models=make_set(dice, models, 0.8),
        widenings=tuple(make_widening(dice, world, places, dice.randrange(40))
                        for _ in range(dice.choice((0, 1, 2, 4)))))


def make_policy(dice, world):
    zones, tools = dice.randint(1, 6), dice.randint(0, 4)
    models = dice.choice((1, 3, 6, 8, 12, 14, 20, 70))
    generosity = dice.choice((0.6, 0.8, 0.9, 1))
    strict = [place for place in range(zones + tools) if chance(dice, 0.3)]
    places = tuple(Place(make_clearance(dice, world, 0.2 if place in strict else generosity),
                         chance(dice, 0.5)) for place in range(zones + tools))
    widened = strict or range(zones + tools)
    return Policy(
        kinds=tuple(make_kind(dice, world, kind) for kind in world.kinds),
        duties=some(dice, DUTIES, 0.1),
        places=places,
        tool_first=zones,
        here=Place(make_clearance(dice, world, dice.choice((0.85, 1, 1, 1))), False),
        models=tuple(make_model(dice, zones) for _ in range(models)),
        workloads=tuple(make_workload(dice, world, widened, models) for _ in range(3)),
        bounds=tuple(Bound(make_clearance(dice, world, dice.choice((0.85, 1, 1, 1))),
                           make_set(dice, models, 0.85)) for _ in range(3)))


# ---- requests ------------------------------------------------------------------

def make_live(dice, model, most_ms):
    most = most_ms * 1_000_000
    latency = dice.choice((0, 0, 1, 40_000_000, 40_000_000, most, most + 1, max(most - 1, 0),
                           3_600_000_000_000))
    return Live(model, chance(dice, 0.08), chance(dice, 0.08), chance(dice, 0.08), latency)


def make_facts(dice, world, policy):
    workload = dice.randrange(len(policy.workloads))
    most_ms = policy.workloads[workload].latency_ms
    count = dice.choice((1, 2, 3, 4, 5, 6, 8, 12, 14, 20))
    if chance(dice, 0.01):
        count = 0
    models = dice.sample(range(len(policy.models)), min(count, len(policy.models)))
    tools = range(len(policy.places) - policy.tool_first)
    return Facts(
        workload=workload,
        bound=dice.randrange(len(policy.bounds)),
        label=make_label(dice, world, dice.choice((0, 0.2, 0.5, 0.9))),
        features=some(dice, FEATURES, 0.05),
        tools=some(dice, tools, 0.15),
        tool_unknown=chance(dice, 0.02),
        tokens=dice.choice((0, 900, 1000, 1001, 8000, 8001, 128_000, 128_001,
                            2 ** 32 - 1, 2 ** 32, 2 ** 32 + 5, 2 ** 63))
        if chance(dice, 0.5) else 10,
        now=NOON + dice.choice((-1001, -1, -1, 0, 0, 0, 1, 1, 1000)),
        prefer=make_prefer(dice),
        asked=tuple([make_live(dice, model, most_ms) for model in models]))


# ---- what is stricter -------------------------------------------------------------
#
# Each takes something away and gives back what it is called, a policy, facts, and the row of
# the policy that is another one, or None.  None at all: there was nothing to take.

def put(rows, index, row):
    return rows[:index] + (row,) + rows[index + 1:]


def less(dice, members):
    return members - {dice.choice(sorted(members))} if members else members


def raise_label(dice, world, label, sorts=4):
    """The label with one finding more; of four sorts, the last of which is a kind."""
    more = Label(0, NOTHING, EVERYTHING, NOTHING)
    which = dice.randrange(sorts)
    if which == 0:
        more = more._replace(level=dice.randrange(world.levels))
    elif which == 1:
        more = more._replace(regions=EVERYTHING - {dice.choice(world.leaves)})
    elif which == 2:
        more = more._replace(requires=frozenset((dice.choice(world.properties),)))
    else:
        more = more._replace(kinds=frozenset((dice.choice(world.kinds),)))
    return join(label, more)


def lower_clearance(dice, world, clearance):
    """The clearance with less of one thing; more regions are less clearance, none is none."""
    which = dice.randrange(5)
    if which == 0:
        return clearance._replace(level=max(clearance.level - 1, 0))
    if which == 1:
        return clearance._replace(kinds=less(dice, clearance.kinds))
    if which == 2:
        return clearance._replace(holds=less(dice, clearance.holds))
    if which == 3 and clearance.regions:
        return clearance._replace(regions=clearance.regions | {dice.choice(world.leaves)})
    return clearance._replace(regions=NOTHING)


def with_place(dice, world, policy, place):
    row = policy.places[place]
    row = row._replace(clearance=lower_clearance(dice, world, row.clearance))
    return policy._replace(places=put(policy.places, place, row)), ("Z", place)


def tighten_zone(dice, world, policy, facts):
    if not facts.asked:
        return None
    place = policy.models[dice.choice(facts.asked).model].place
    return ("a zone's clearance is lowered", facts) + with_place(dice, world, policy, place)


def tighten_tool(dice, world, policy, facts):
    if not facts.tools:
        return None
    place = policy.tool_first + dice.choice(sorted(facts.tools))
    return ("a tool's clearance is lowered", facts) + with_place(dice, world, policy, place)


def tighten_here(dice, world, policy, facts):
    here = policy.here._replace(clearance=lower_clearance(dice, world, policy.here.clearance))
    return "this host's clearance is lowered", facts, policy._replace(here=here), ("H", 0)


def with_bound(policy, facts, row):
    return policy._replace(bounds=put(policy.bounds, facts.bound, row)), ("B", facts.bound)


def tighten_ceiling(dice, world, policy, facts):
    row = policy.bounds[facts.bound]
    row = row._replace(ceiling=lower_clearance(dice, world, row.ceiling))
    return ("a ceiling is lowered", facts) + with_bound(policy, facts, row)


def tighten_allowlist(dice, world, policy, facts):
    row = policy.bounds[facts.bound]
    models = frozenset(range(len(policy.models))) if row.models is None else row.models
    row = row._replace(models=less(dice, models))
    return ("a key's models are fewer", facts) + with_bound(policy, facts, row)


def tighten_kind(dice, world, policy, facts):
    kind = dice.choice(sorted(facts.label.kinds) or world.kinds)
    row = policy.kinds[kind]
    row = row._replace(brings=raise_label(dice, world, row.brings, sorts=3))
    return ("a kind brings more", facts, policy._replace(kinds=put(policy.kinds, kind, row)),
            ("K", kind))


def tighten_label(dice, world, policy, facts):
    facts = facts._replace(label=raise_label(dice, world, facts.label))
    return "the label is raised", facts, policy, None


def with_workload(policy, facts, **changes):
    row = policy.workloads[facts.workload]._replace(**changes)
    workloads = put(policy.workloads, facts.workload, row)
    return policy._replace(workloads=workloads), ("W", facts.workload)


def tighten_floor(dice, world, policy, facts):
    floor = raise_label(dice, world, policy.workloads[facts.workload].floor)
    return ("a floor is raised", facts) + with_workload(policy, facts, floor=floor)


def tighten_exception(dice, world, policy, facts):
    widenings = policy.workloads[facts.workload].widenings
    places = {policy.models[live.model].place for live in facts.asked}
    relevant = [i for i, widening in enumerate(widenings) if widening.place in places]
    if not relevant:
        return None
    i = dice.choice(relevant)
    which = dice.randrange(3)
    if which == 0:
        what, widenings = "an exception is gone", widenings[:i] + widenings[i + 1:]
    elif which == 1:
        until = min(widenings[i].until, facts.now - dice.choice((0, 0, 1)))
        row = widenings[i]._replace(until=until)
        what, widenings = "an exception ends", put(widenings, i, row)
    else:
        row = widenings[i]
        row = row._replace(clearance=lower_clearance(dice, world, row.clearance))
        what, widenings = "an exception is narrower", put(widenings, i, row)
    return (what, facts) + with_workload(policy, facts, widenings=widenings)


def tighten_needs(dice, world, policy, facts):
    row = policy.workloads[facts.workload]
    which = dice.randrange(5)
    if which == 0:
        changes = {"capability": min(row.capability + 1, 3)}
    elif which == 1:
        changes = {"features": row.features | {dice.choice(FEATURES)}}
    elif which == 2:
        changes = {"latency_ms": max(row.latency_ms - 1, 1) if row.latency_ms else 500}
    elif which == 3:
        changes = {"offline": True}
    else:
        models = frozenset(range(len(policy.models))) if row.models is None else row.models
        changes = {"models": less(dice, models)}
    return ("a workload needs more", facts) + with_workload(policy, facts, **changes)


def tighten_request(dice, world, policy, facts):
    tools = len(policy.places) - policy.tool_first
    which = dice.randrange(4)
    if which == 0:
        facts = facts._replace(features=facts.features | {dice.choice(FEATURES)})
    elif which == 1:
        facts = facts._replace(tokens=facts.tokens + dice.choice((1, 1000, 10 ** 6)))
    elif which == 2 and tools:
        facts = facts._replace(tools=facts.tools | {dice.randrange(tools)})
    else:
        facts = facts._replace(tool_unknown=True)
    return "a request asks for more", facts, policy, None


def tighten_health(dice, world, policy, facts):
    if not facts.asked:
        return None
    i = dice.randrange(len(facts.asked))
    if chance(dice, 0.2):
        model = facts.asked[i].model
        row = policy.models[model]._replace(draining=True)
        return ("a model is drained", facts,
                policy._replace(models=put(policy.models, model, row)), ("M", model))
    change = {dice.choice(("broken", "full", "limited")): True}
    live = put(facts.asked, i, facts.asked[i]._replace(**change))
    return "a model fails, is full or has got enough", facts._replace(asked=live), policy, None


TIGHTEN = (tighten_zone, tighten_zone, tighten_tool, tighten_here, tighten_ceiling,
           tighten_allowlist, tighten_kind, tighten_label, tighten_label, tighten_floor,
           tighten_exception, tighten_exception, tighten_exception, tighten_needs, tighten_request, tighten_health,
           tighten_health)


def tighten(dice, world, policy, facts):
    while True:
        made = dice.choice(TIGHTEN)(dice, world, policy, facts)
        if made:
            return made


# ---- rows for play.c ---------------------------------------------------------------

MASKS = {}


def mask(members):
    """A set as the kernel has it: one word."""
    if members not in MASKS:
        if len(MASKS) > 200_000:
            MASKS.clear()
        MASKS[members] = str(sum(2 ** m for m in members))
    return MASKS[members]


def four(label_or_clearance):
    level, kinds, regions, last = label_or_clearance
    return f"{level} {mask(kinds)} {mask(regions)} {mask(last)}"


def words(models, count):
    """A set of models, of which there can be more than 64."""
    if models is None:
        return "0"
    return " ".join(["1"] + [mask(frozenset(m - at for m in models if at <= m < at + 64))
                             for at in range(0, count, 64)])


def row_kind(policy, i):
    kind = policy.kinds[i]
    return f"K {i} {four(kind.brings)} {mask(kind.duties)}"


def row_place(policy, i):
    return f"Z {i} {four(policy.places[i].clearance)} {policy.places[i].offline:d}"


def row_here(policy, _):
    return f"H {four(policy.here.clearance)} {policy.here.offline:d}"


def row_model(policy, i):
    m = policy.models[i]
    return (f"M {i} {m.place} {m.capability} {mask(m.features)} {m.context} {m.latency_ms} "
            f"{m.cost} {m.draining:d}")


def row_workload(policy, i):
    w = policy.workloads[i]
    prefer = w.prefer or Prefer(0, 0, 0)
    row = (f"W {i} {four(w.floor)} {w.capability} {mask(w.features)} {w.latency_ms} "
           f"{w.offline:d} {w.refused_degrade:d} {w.down_degrade:d} {w.prefer is not None:d} "
           f"{prefer.cost} {prefer.latency} {prefer.quality} {mask(w.duties)} "
           f"{words(w.models, len(policy.models))} {len(w.widenings)}")
    return " ".join([row] + [f"{x.place} {four(x.clearance)} {x.until} {x.exception}"
                             for x in w.widenings])


def row_bound(policy, i):
    bound = policy.bounds[i]
    return f"B {i} {four(bound.ceiling)} {words(bound.models, len(policy.models))}"


ROWS = {"K": row_kind, "Z": row_place, "H": row_here, "M": row_model, "W": row_workload,
        "B": row_bound}


def row(policy, which):
    return ROWS[which[0]](policy, which[1])


def rows_policy(policy):
    counts = {"K": len(policy.kinds), "Z": len(policy.places), "H": 1, "M": len(policy.models),
              "W": len(policy.workloads), "B": len(policy.bounds)}
    yield (f"P {mask(policy.duties)} {counts['K']} {counts['Z']} {policy.tool_first} "
           f"{counts['M']} {counts['W']} {counts['B']}")
    for letter, count in counts.items():
        for i in range(count):
            yield ROWS[letter](policy, i)


def row_facts(f):
    return " ".join(
        [f"F {f.workload} {f.bound} {four(f.label)} {mask(f.features)} {mask(f.tools)} "
         f"{f.tool_unknown:d} {f.tokens} {f.now} {f.prefer.cost} {f.prefer.latency} "
         f"{f.prefer.quality} {len(f.asked)}"]
        + [f"{a.model} {a.broken:d} {a.full:d} {a.limited:d} {a.latency}" for a in f.asked])


def row_verdict(v):
    """What play.c should answer."""
    refused = len(v.reasons) - v.reasons.count("NONE")
    line = [four(v.label), mask(v.duties), f"{v.degraded:d}", NUMBER[v.reason], str(refused),
            str(len(v.plan))]
    line += map(str, v.plan)
    line += ["0" if e is None else str(e + 1) for e in v.leans]
    line += [NUMBER[why] for why in v.reasons]
    line += [NUMBER[why] for why in v.strict]
    line += [NUMBER[why] for why in v.sending]
    return " ".join(line)
