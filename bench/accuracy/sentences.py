# SPDX-License-Identifier: Apache-2.0
"""Synthetic sentences of presidio-research (v2), only those whose template no training saw.

A labelled span is hit if findings of any type cover at least half of its characters; a finding is a false alarm if less
than half of it lies in labelled spans.  By type the same is asked of the findings of that type alone; a finding inside a
labelled span of another type is that type's matter only where the label is of no address: the town in an address is a
place, whatever the label says.
"""
import json
import os
import sys

import common
from clinical import covered, is_counted, merged

sys.path.insert(0, os.path.join(common.ROOT, "tool", "names"))
from fill import is_trained  # noqa: E402

TYPES = {
    "PERSON": {"person"}, "STREET_ADDRESS": {"street_address", "postcode", "location"}, "GPE": {"location"},
    "ORGANIZATION": {"organization"}, "NRP": {"nationality", "religion", "political_opinion", "ethnic_origin"},
    "TITLE": {"title"}, "CREDIT_CARD": {"credit_card"}, "DATE_TIME": {"date_time", "date_of_birth"},
    "PHONE_NUMBER": {"phone_number"}, "AGE": {"age"}, "EMAIL_ADDRESS": {"email_address"},
    "ZIP_CODE": {"postcode", "de_plz", "uk_postcode", "ca_postcode"}, "DOMAIN_NAME": {"url", "domain_name"},
    "IBAN_CODE": {"iban_code"}, "US_SSN": {"us_ssn"}, "IP_ADDRESS": {"ip_address"}, "US_DRIVER_LICENSE": {"us_driver_license"},
}


def sentences():
    with open(common.path("presidio", "synth_dataset_v2.json"), encoding="utf-8") as f:
        return [r for r in json.load(f) if not is_trained(r["masked"])]


def spans(row, kinds=None):
    return [(s["start_position"], s["end_position"]) for s in row["spans"] if kinds is None or s["entity_type"] in kinds]


def score(rows, found, kind=None, least=0):
    sum_ = common.Score()
    for row, have in zip(rows, found):
        have = [f for f in have if f.score >= least and (f.type in TYPES[kind] if kind else is_counted(f) or f.type in TYPES["NRP"])]
        there = merged((f.start, f.end) for f in have)
        mine = merged(spans(row, kind and {kind}))
        others = merged(spans(row, {"STREET_ADDRESS", "ZIP_CODE", "GPE"} - {kind}))
        for s, e in spans(row, kind and {kind}):
            hit = 2 * covered(s, e, there) >= e - s
            sum_.add(hits=hit, misses=not hit)
        for f in have:
            if 2 * covered(f.start, f.end, mine) < f.end - f.start and not (
                    kind in ("GPE", "STREET_ADDRESS", "ZIP_CODE") and 2 * covered(f.start, f.end, others) >= f.end - f.start):
                sum_.add(alarms=1)
    return sum_


def measure():
    rows = sentences()
    found = common.look([r["full_text"] for r in rows])
    common.row("is there PII in this span", score(rows, found), "F2 0.92 at P 0.80")
    common.row("score at least 50, as configured", score(rows, found, least=50))
    for kind in TYPES:
        common.row(kind.lower(), score(rows, found, kind), "F2 0.80")
