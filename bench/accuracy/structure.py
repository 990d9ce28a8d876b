# SPDX-License-Identifier: Apache-2.0
"""Identifiers with a shape: Presidio's vectors for its recognisers, its synthetic sentences, MEDDOCAN's identifiers.

A vector asks one recogniser about one text.  Here that is a text that stands under a key of the type's name ("asked"), and,
harder, the same text with nothing that says what it is ("unasked").  A positive text agrees when a finding of its type
overlaps the span; a negative one when there is none; a value with `valid` when "valid" is among the evidence, or is not.
TRIVIUM_SHOW=1 prints what does not agree.
"""
import json
import os

import common

SHOW = bool(os.environ.get("TRIVIUM_SHOW"))
# Types that say the same as an entity of Presidio, beside the one of its name.
ALSO = {
    "URL": {"url", "domain_name"}, "PHONE_NUMBER": {"phone_number", "ph_mobile_number", "tr_phone_number"},
    "DATE_TIME": {"date_time", "date_of_birth"}, "IP_ADDRESS": {"private_ip"},
}
# Entities of the synthetic sentences whose spans have a shape.
SENTENCES = {
    "CREDIT_CARD": {"credit_card"}, "PHONE_NUMBER": ALSO["PHONE_NUMBER"], "EMAIL_ADDRESS": {"email_address"},
    "IBAN_CODE": {"iban_code"}, "US_SSN": {"us_ssn", "social_security"}, "IP_ADDRESS": {"ip_address"},
    "DATE_TIME": ALSO["DATE_TIME"], "ZIP_CODE": {"postcode", "de_plz", "uk_postcode", "ca_postcode", "br_cep"},
    "DOMAIN_NAME": ALSO["URL"], "AGE": {"age"}, "US_DRIVER_LICENSE": {"us_driver_license", "driver_license"},
}
DATES = {"date_time", "date_of_birth"}
NUMBERS = {"medical_record_number", "social_security", "es_nss", "encounter_id", "es_medical_license", "doctor_id",
           "health_plan_id", "national_id"}
PHONES = ALSO["PHONE_NUMBER"]
AROUND = {"STREET_ADDRESS"}      # what may hold a postcode that is not labelled again
MEDDOCAN = {
    "FECHAS": DATES, "EDAD_SUJETO_ASISTENCIA": {"age"}, "CORREO_ELECTRONICO": {"email_address"},
    "NUMERO_TELEFONO": PHONES, "NUMERO_FAX": PHONES, "ID_SUJETO_ASISTENCIA": NUMBERS, "ID_ASEGURAMIENTO": NUMBERS,
    "ID_CONTACTO_ASISTENCIAL": NUMBERS, "ID_TITULACION_PERSONAL_SANITARIO": NUMBERS,
}


def types_of(entity):
    return ALSO.get(entity, set()) | {entity.lower()}


def agrees(row, found):
    wanted = [f for f in found if f.type in types_of(row["entity"])]
    if "valid" in row:
        return any("valid" in f.evidence for f in wanted) == row["valid"]
    if row["expected_count"] == 0:
        return not wanted
    spans = row.get("spans") or [[0, len(row["text"])]]
    return all(any(f.overlaps(s, e) for f in wanted) for s, e in spans)


def vectors(title, keys, goal=""):
    data = common.rows("presidio", "presidio_recognizer_vectors.jsonl")
    found = common.look([r["text"] for r in data], [r["entity"].lower() for r in data] if keys else None, "structure")
    good, by = 0, {}
    for row, f in zip(data, found):
        ok = agrees(row, f)
        good += ok
        score = by.setdefault(row["entity"], [0, 0])
        score[0] += ok
        score[1] += 1
        if SHOW and not ok:
            want = row.get("valid", row.get("expected_count"))
            print(f"  {title}: {row['entity']} {row['text']!r} wants {want}, has {f}")
    bad = ", ".join(f"{e} {g}/{n}" for e, (g, n) in sorted(by.items()) if g < n)
    print(f"{title}: {good} of {len(data)} agree, {100 * good / len(data):.1f} %  {goal}\n    less than all: {bad}")


def spans(name, texts, labelled, mapping):
    """Per label: a labelled span is hit by an overlapping finding of a type that it maps to."""
    scores = {label: common.Score() for label in mapping}
    for text, truth, found in zip(texts, labelled, common.look(texts, parts="structure")):
        for label, types in mapping.items():
            mine = [f for f in found if f.type in types]
            true = [(s, e) for (l, s, e) in truth if l == label]
            alike = [(s, e) for (l, s, e) in truth if mapping.get(l, set()) & types or l in AROUND]
            for s, e in true:
                hit = any(f.overlaps(s, e) for f in mine)
                scores[label].add(hits=hit, misses=not hit)
                if SHOW and not hit:
                    print(f"  missed {label}: {text[max(0, s - 40):s]!r} [{text[s:e]}] {text[e:e + 20]!r}")
            for f in mine:
                if not any(f.overlaps(s, e) for s, e in alike):
                    scores[label].add(alarms=1)
                    if SHOW:
                        print(f"  alarm {label}: {text[max(0, f.start - 40):f.start]!r} [{text[f.start:f.end]}] {f.type}")
    for label, score in scores.items():
        common.row(f"{name} {label}", score)


def measure():
    vectors("vectors, asked", True, "goal 97 %")
    vectors("vectors, unasked", False)
    with open(common.path("presidio", "synth_dataset_v2.json"), encoding="utf-8") as f:
        data = json.load(f)
    spans("synthetic", [r["full_text"] for r in data], [
        [(s["entity_type"], s["start_position"], s["end_position"]) for s in r["spans"]] for r in data], SENTENCES)
    for part in ("train", "dev"):
        data = common.rows("clinical", f"meddocan.{part}.jsonl")
        spans(f"meddocan {part}", [r["text"] for r in data], [[tuple(s) for s in r["spans"]] for r in data], MEDDOCAN)
