#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run - kernel and oracle decide the same, many times.

    test/oracle/run.py --play build/play [--pairs 20000] [--seed 1] [--policy N]

Policies are numbered; seed and number make a policy and all that is asked of it, so a
difference is told again by `--policy N`.  Of each pair of policy and facts: the oracle's verdict
is the kernel's; it is the same when it is made again, at once into other memory and after all
that came between; something stricter permits nothing more; another order of the models asked
for permits the same.  Ends badly if anything differs, if fewer than 30 % of the plans have
somebody in them, or if a reason occurs in fewer than 0.1 % of the pairs.
"""

import argparse
import collections
import concurrent.futures
import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import case
import oracle

FACTS_PER_POLICY = 50
POLICIES_PER_BATCH = 20
NAMES = list(oracle.REASONS)
OF_FLOW = frozenset(NAMES[:NAMES.index("EXCEPTION_EXPIRED") + 1]) - {"NONE"}
SHOWN = 5                               # differences that are printed


class Answer:
    """A line of play.c, read again: what the laws need of it."""

    def __init__(self, line, asked):
        n = [int(word) for word in line.split()]
        self.degraded, count = n[5], n[8]
        self.plan = n[9:9 + count]
        strict = n[len(n) - 2 * len(asked):len(n) - len(asked)]
        sending = n[len(n) - len(asked):]
        self.strict = {live.model: NAMES[why] for live, why in zip(asked, strict)}
        self.sends = {live.model for live, why in zip(asked, sending) if NAMES[why] == "NONE"}
        self.flows = {m for m, why in self.strict.items() if why not in OF_FLOW}
        self.serves = {m for m, why in self.strict.items() if why == "NONE"}


class Batch:
    """Rows for one process, and what must be true of its answers."""

    def __init__(self, seed):
        self.seed = seed
        self.rows = []
        self.checks = []                # one for each answer: a policy's number, and a function
        self.counts = collections.Counter()
        self.wrong = []

    def ask(self, number, facts, check):
        """check is given all answers, and which of them is the one to these facts."""
        self.rows.append(case.row_facts(facts))
        self.checks.append((number, check))
        return len(self.checks) - 1

    def complain(self, number, what, details=()):
        self.wrong.append((number, what, list(details)))

    def add_policy(self, number):
        dice = random.Random(f"{self.seed}/{number}")
        world = case.World(dice)
        policy = case.make_policy(dice, world)
        self.rows.extend(case.rows_policy(policy))
        first = None
        for _ in range(FACTS_PER_POLICY):
            facts = case.make_facts(dice, world, policy)
            at = self.add_pair(number, policy, facts)
            self.add_stricter(number, at, facts, case.tighten(dice, world, policy, facts), policy)
            if dice.random() < 0.25:
                self.add_shuffled(dice, number, at, facts)
            first = first or (at, facts)
        at, facts = first
        self.ask(number, facts, lambda lines, i: self.check_same(number, lines[at], lines[i]))

    def add_pair(self, number, policy, facts):
        verdict = oracle.decide(policy, facts)
        expected = case.row_verdict(verdict)
        self.count(policy, facts, verdict)
        return self.ask(number, facts, lambda lines, i: self.check_verdict(
            number, policy, facts, expected, lines[i]))

    def check_verdict(self, number, policy, facts, expected, line):
        if line == expected:
            return
        verdict = oracle.decide(policy, facts, proposed=Answer(line, facts.asked).plan)
        if line == case.row_verdict(verdict):
            self.counts["equal to rounding"] += 1
        else:
            self.complain(number, "kernel and oracle differ",
                          explain(policy, facts, expected, line))

    def add_stricter(self, number, at, facts, made, policy):
        what, facts_then, policy_then, which = made
        expected = case.row_verdict(oracle.decide(policy_then, facts_then))
        if which:
            self.rows.append(case.row(policy_then, which))

        def check(lines, i):
            self.check_verdict(number, policy_then, facts_then, expected, lines[i])
            was, then = Answer(lines[at], facts.asked), Answer(lines[i], facts_then.asked)
            gained = (then.flows - was.flows) | (then.serves - was.serves)
            gained |= (set(then.plan) - was.flows) | (then.sends - was.sends)
            self.counts["stricter"] += 1
            self.counts["stricter: takes away"] += bool(was.serves - then.serves)
            self.counts[f"law: {what}"] += bool(was.serves - then.serves)
            if gained:
                self.complain(number, f"{what}, and more is permitted: {sorted(gained)}",
                              (self.rows_of(policy, facts), self.rows_of(policy_then, facts_then)))
        self.ask(number, facts_then, check)
        if which:
            self.rows.append(case.row(policy, which))

    def add_shuffled(self, dice, number, at, facts):
        asked = list(facts.asked)
        dice.shuffle(asked)
        other = facts._replace(asked=tuple(asked))

        def check(lines, i):
            was, then = Answer(lines[at], facts.asked), Answer(lines[i], other.asked)
            same = was.strict == then.strict and was.sends == then.sends and was.degraded == then.degraded
            if len(was.plan) < oracle.CANDIDATES:
                same = same and sorted(was.plan) == sorted(then.plan)
            self.counts["shuffled"] += 1
            if not same or len(was.plan) != len(then.plan):
                self.complain(number, "another order of the models permits others",
                              (case.row_facts(facts), case.row_facts(other)))
        self.ask(number, other, check)

    def check_same(self, number, line, again):
        self.counts["asked again"] += 1
        if line != again:
            self.complain(number, "the same facts give another verdict", (line, again))

    @staticmethod
    def rows_of(policy, facts):
        return "\n    ".join([*case.rows_policy(policy), case.row_facts(facts)])

    def count(self, policy, facts, verdict):
        self.counts["pairs"] += 1
        self.counts["models asked"] += len(facts.asked)
        self.counts["not empty"] += bool(verdict.plan)
        self.counts["degraded"] += verdict.degraded
        self.counts["leans on an exception"] += any(e is not None for e in verdict.leans)
        reasons = set(verdict.reasons)
        if len(facts.asked) < len(policy.models):
            reasons.add("NOT_ASKED")
        for why in reasons:
            self.counts[f"reason {why}"] += 1

    def run(self, play):
        text = "\n".join(self.rows) + "\n"
        done = subprocess.run([play], input=text, capture_output=True, text=True)
        lines = [line.strip() for line in done.stdout.splitlines()]
        if done.returncode or len(lines) != len(self.checks):
            number, _ = self.checks[min(len(lines), len(self.checks) - 1)]
            self.complain(number, "play ended badly", [done.stderr.strip()])
            return
        for i, (number, _) in enumerate(self.checks):
            if lines[i].startswith("differs "):
                lines[i] = lines[i][len("differs "):]
                self.complain(number, "two verdicts of the same facts differ", [lines[i]])
        for i, (_, check) in enumerate(self.checks):
            check(lines, i)


def explain(policy, facts, expected, got):
    yield f"oracle {expected}"
    yield f"kernel {got}"
    yield f"asked  {' '.join(str(live.model) for live in facts.asked)}"
    yield "(level kinds regions requires, duties, degraded, reason, refused, count, plan,"
    yield " exceptions, reasons, reasons whatever the rank, reasons not to send)"
    yield Batch.rows_of(policy, facts)


def run_batch(play, seed, numbers):
    batch = Batch(seed)
    for number in numbers:
        batch.add_policy(number)
    batch.run(play)
    return batch.counts, batch.wrong


def report(counts, wrong, seconds):
    pairs = counts["pairs"]
    print(f"{'reason':<20} {'pairs':>9} {'share':>8}")
    for name in NAMES:
        n = counts[f"reason {name}"]
        print(f"{name.lower():<20} {n:>9} {100 * n / pairs:>7.2f}%")
    for name in ("not empty", "degraded", "leans on an exception", "equal to rounding"):
        print(f"{name:<30} {counts[name]:>9} {100 * counts[name] / pairs:>7.2f}%")
    for name in sorted(counts):
        if name.startswith("law: "):
            print(f"{name[5:]:<32} took something away {counts[name]:>8} times")
    for what, n in collections.Counter(what.split(":")[0] for _, what, _ in wrong).most_common():
        print(f"{n:>9} times: {what}")
    for number, what, details in wrong[:SHOWN]:
        print(f"NOT OK: policy {number}: {what}")
        for line in details:
            print(f"    {line}")
    # A single policy, told again, reaches what it reaches.
    few = pairs < 10 * FACTS_PER_POLICY
    rare = [n for n in NAMES if counts[f"reason {n}"] * 1000 < pairs and not few]
    empty = counts["not empty"] * 10 < pairs * 3 and not few
    if rare:
        print(f"NOT OK: in fewer than 0.1 % of the pairs: {' '.join(rare)}")
    if empty:
        print("NOT OK: fewer than 30 % of the plans have somebody in them")
    print(f"oracle: {pairs} pairs ({counts['models asked']} models), {counts['stricter']} stricter "
          f"({counts['stricter: takes away']} took something away), {counts['shuffled']} in "
          f"another order, {counts['asked again']} again; {len(wrong)} differences; "
          f"{seconds:.1f} s")
    return not wrong and not rare and not empty


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--play", required=True)
    parser.add_argument("--pairs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--policy", type=int, help="this one alone")
    parser.add_argument("--stop", action="store_true", help="at the first difference")
    args = parser.parse_args()
    began = time.monotonic()
    counts, wrong = collections.Counter(), []
    if args.policy is not None:
        counts, wrong = run_batch(args.play, args.seed, [args.policy])
        sys.exit(0 if report(counts, wrong, time.monotonic() - began) else 1)
    policies = -(-args.pairs // FACTS_PER_POLICY)
    batches = [range(at, min(at + POLICIES_PER_BATCH, policies + 1))
               for at in range(1, policies + 1, POLICIES_PER_BATCH)]
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(run_batch, args.play, args.seed, numbers) for numbers in batches]
        for job in jobs:
            more, found = job.result()
            counts.update(more)
            wrong.extend(found)
            if args.stop and wrong:
                pool.shutdown(cancel_futures=True)
                break
    sys.exit(0 if report(counts, wrong, time.monotonic() - began) else 1)


if __name__ == "__main__":
    main()
