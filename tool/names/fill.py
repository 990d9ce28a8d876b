# SPDX-License-Identifier: Apache-2.0
"""fill - templates with names become a corpus for `trivium train names`.

    python3 tool/names/fill.py DATA OUT

DATA is the folder of lists and labelled texts that doc/guide/names.md describes; OUT gets own.bio, presidio.bio,
clinical.bio and the lists that have to be cut first.  The same input gives the same output, byte for byte.

What is measured is not trained on.  Of Presidio's templates every second one (by the hash of its words) is filled here,
the others are measured; a word of a person or organisation in Presidio's measured sentences is never filled in.
"""
import csv
import hashlib
import json
import os
import random
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOKEN = re.compile(r"[^\W_](?:[\w@./:’'+-]*[^\W_])?|\S")
OWN_ROUNDS, PRESIDIO_ROUNDS = 30, 24


def is_trained(template):
    """Presidio's templates: half are trained on, half are measured."""
    words = re.sub(r"\{+\w+\}+|\\n", " ", template.lower())
    return hashlib.sha256(" ".join(re.findall(r"[a-z]+", words)).encode()).digest()[0] % 2 == 0


def lines(*path):
    with open(os.path.join(*path), encoding="utf-8-sig", errors="replace") as f:
        return [x.strip() for x in f if x.strip()]


def table(path, column):
    with open(path, encoding="utf-8-sig") as f:
        return [r[column].strip() for r in csv.DictReader(f) if r[column].strip()]


class Names:
    """What templates are filled with."""

    def __init__(self, data):
        g = os.path.join(data, "gazetteers")
        measured = self.measured(data)
        common = [w for w in lines(g, "english_common_words_scowl50.txt") if re.fullmatch("[a-z]{2,}", w)]
        known = set(common)

        def fine(words):
            return [w for w in words if re.sub(r"\W", "", w.lower()) not in measured and len(w) > 1]

        self.lists = {
            "first": fine(lines(g, "first_names_namedatabases.txt")),
            "last": fine(lines(g, "surnames_namedatabases.txt")),
            "place": lines(g, "geonames_places_en_debian.txt"),
            "country": [c.title() for c in table(os.path.join(g, "nationalities_presidio_research.csv"), "country")],
            "nation": [n.title() for n in table(os.path.join(g, "nationalities_presidio_research.csv"), "nationality")],
            "firm": [f for f in table(os.path.join(g, "organizations_presidio_research.csv"), "organization")
                     if not set(re.findall(r"\w+", f.lower())) & measured],
            "common": common,
            "noun": lines(HERE, "nouns.txt")[0].split(),
        }
        # Names that the shipped lists do not have, so that the lists are not all that counts.
        have = {w.lower() for w in self.lists["first"] + self.lists["last"]}
        self.lists["rare"] = [w.title() for w in fine(lines(g, "surnames_philter.txt"))
                              if w not in have and w not in known and w.isalpha() and len(w) > 3]
        self.jobs = [w.strip() for x in lines(HERE, "..", "..", "src", "name", "lexicon.txt") if x.startswith("JOB:")
                     for w in x[4:].split(",")]
        self.random = random.Random(1)

    @staticmethod
    def measured(data):
        with open(os.path.join(data, "presidio", "synth_dataset_v2.json"), encoding="utf-8") as f:
            rows = json.load(f)
        return {w for r in rows if not is_trained(r["masked"]) for s in r["spans"]
                if s["entity_type"] in ("PERSON", "ORGANIZATION") for w in re.findall(r"\w+", s["entity_value"].lower())
                if len(w) > 3 and s["entity_type"] == "PERSON" or " " not in s["entity_value"]}

    def one(self, name):
        return self.random.choice(self.lists[name])

    def surname(self):
        r = self.random.random()
        one = self.one("rare") if r < 0.25 else self.one("last")
        if r > 0.96:
            return f"{one}-{self.one('last')}"
        if r > 0.92:
            return self.random.choice(["de ", "van ", "von ", "De ", "van der ", "O'", "Mac", "al-", "di ", "da ", "de la "]) + one
        return one

    def given(self):
        r = self.random.random()
        if r > 0.95:
            return f"{self.one('first')}-{self.one('first')}"
        return self.one("rare") if r < 0.1 else self.one("first")

    def person(self):
        r, first, last = self.random.random(), self.given(), self.surname()
        if r < 0.5:
            return f"{first} {last}"
        if r < 0.62:
            return first
        if r < 0.68:
            return last
        if r < 0.76:
            return f"{first} {self.random.choice('ABCDEFGHJKLMNPRSTW')}. {last}"
        if r < 0.8:
            return f"{first} {self.given()} {last}"
        if r < 0.88:
            return f"{first} {last} {self.surname()}"
        if r < 0.91:
            return f"{last}, {first}"
        if r < 0.94:
            return f"{self.random.choice('ABCDEFGHJKLMNPRSTW')}. {last}"
        if r < 0.96:
            return f"{first} {last} {self.random.choice(['Jr.', 'Sr.', 'III', 'II'])}"
        return f"{first} {last}".upper()

    def town(self):
        r = self.random.random()
        if r < 0.3:
            return self.one("country")
        if r < 0.36:
            return self.one("place").upper()
        if r < 0.4:
            return self.random.choice(["CA", "NY", "TX", "FL", "WA", "IL", "USA", "UK", "U.S.", "UAE", "EU"])
        if r < 0.5:
            return self.surname() + self.random.choice(["ville", "town", "burg", "dorf", " City", "heim", "field", "grad"])
        return self.one("place")

    def firm(self):
        r, a, b = self.random.random(), self.one("last"), self.one("last")
        if r < 0.5:
            return self.one("firm")
        end = self.random.choice(["Inc.", "Ltd", "LLC", "GmbH", "AG", "Group", "Corp.", "S.A.", "SL", "BV", "Holdings", "Partners",
                                  "Consulting", "& Co. KG", "SpA", "Sp. z o.o.", "Bank", "Technologies", "Foundation"])
        if r < 0.65:
            return f"{a} {end}"
        if r < 0.72:
            return f"{a}, {b} and {self.one('last')}"
        if r < 0.78:
            return f"{a}-{b}"
        if r < 0.84:
            return f"{a} & {b}"
        if r < 0.9:
            return f"{self.one('common').title()} {self.one('common').title()} {end}"
        if r < 0.95:
            return (self.one("common").title() + self.one("common")[:5]).replace("'", "")
        return f"{self.town()} {self.random.choice(['Bank', 'Airlines', 'City Council', 'University', 'Police Department', 'United', 'Symphony'])}"

    def hospital(self):
        return self.random.choice([
            "{p} General Hospital", "St. {f} Hospital", "{l} Medical Center", "Hospital Universitario de {p}",
            "Hospital General de {p}", "Hospital {f} {l}", "Clínica {l}", "Hospital de {p}", "Centro de Salud {l}",
            "Complejo Hospitalario de {p}", "Klinikum {p}", "Universitätsklinikum {p}", "CHU de {p}", "Hôpital {f} {l}",
            "Ospedale {f} {l}", "Ospedale di {p}", "{l} Ziekenhuis", "Szpital {l}", "Hospital Virgen de {p}",
        ]).format(p=self.one("place"), f=self.one("first"), l=self.one("last"))

    def school(self):
        return self.random.choice(["University of {p}", "{p} University", "{l} College", "Universidad de {p}", "Universität {p}",
                                   "Instituto {l}", "Facultad de Medicina de la Universidad de {p}"]).format(
            p=self.one("place"), l=self.one("last"))

    def street(self):
        n, w = self.random.randint(1, 300), self.surname()
        return self.random.choice([
            f"{n} {w} Street", f"{n} {w} Rd", f"{n} {self.one('first')} {w} Ave, Apt. {n % 40}", f"{w}straße {n}",
            f"{w}weg {n}", f"{n} rue de {w}", f"{n}, avenue {self.one('first')} {w}", f"Calle {w} {n}",
            f"C/ {self.one('first')} {w}, {n}, {n % 9 + 1}º", f"Avda. {w} nº {n}", f"Via {self.one('first')} {w} {n}",
            f"{w}straat {n}", f"ul. {w} {n}/{n % 20 + 1}", f"Rua {w}, {n}", f"Carretera de {w} km {n}"])

    def fill(self, name):
        """The words for a placeholder, and their class or None."""
        r = self.random
        simple = {"first": self.given, "last": self.surname, "person": self.person, "place": self.town, "firm": self.firm,
                  "hospital": self.hospital, "school": self.school, "street": self.street,
                  "nation": lambda: self.one("nation"), "Nomen": lambda: self.one("noun"),
                  "job": lambda: r.choice(self.jobs), "common": lambda: self.one("common"),
                  "Common": lambda: self.one("common").title(), "COMMON": lambda: self.one("common").upper(),
                  "number": lambda: str(r.randint(1000, 999999)), "phone": lambda: f"{r.randint(200, 999)}-{r.randint(1000, 9999)}",
                  "mail": lambda: f"{self.one('first').lower()}.{r.randint(1, 99)}@example.org",
                  "date": lambda: f"{r.randint(1, 28):02}/{r.randint(1, 12):02}/{r.randint(1940, 2026)}"}
        label = {"first": "PER", "last": "PER", "person": "PER", "place": "LOC", "firm": "ORG", "hospital": "ORG",
                 "school": "ORG"}.get(name)
        return simple[name](), label


# What Presidio's placeholders are here; those that are left out of names stay what they are.
PRESIDIO = {"person": "person", "name": "person", "first_name": "first", "last_name": "last", "name_female": "person",
            "name_male": "person", "first_name_female": "first", "first_name_male": "first", "last_name_female": "last",
            "last_name_male": "last", "city": "place", "country": "place", "state": "place", "state_abbr": "place",
            "address": "street", "street_name": "street", "street_address": "street", "organization": "firm",
            "company": "firm", "nationality": "nation", "job": "job", "location": "place", "gpe": "place"}


def tokens(text, label):
    for i, t in enumerate(TOKEN.findall(text)):
        yield t, f"{'B' if i == 0 else 'I'}-{label}" if label else "O"


def filled(names, template, kinds):
    """Tokens and labels of one template."""
    for part in re.split(r"(\{+\w+\}+|¶)", template):
        name = kinds(part.strip("{}")) if part.startswith("{") and part.endswith("}") else None
        if part == "¶":
            yield "¶", "O"
        elif name:
            yield from tokens(*names.fill(name))
        else:
            yield from tokens(part, None)


def write(path, texts):
    with open(path, "w", encoding="utf-8") as f:
        for text in texts:
            f.write("".join(f"{t}\t{label}\n" for t, label in text) + "\n")


def small(text):
    return [(t.lower(), label) for t, label in text]


def own(names):
    templates = [t for t in lines(HERE, "templates.txt") if not t.startswith("# What") and not t.startswith("# Sent")
                 and not t.startswith("# person") and not t.startswith("# with") and not t.startswith("# ¶")]
    known = {"first", "last", "person", "place", "firm", "hospital", "school", "street", "nation", "Nomen", "job", "common",
             "Common", "COMMON", "number", "phone", "mail", "date"}
    for _ in range(OWN_ROUNDS):
        for t in templates:
            is_small = t.startswith("small ")
            text = list(filled(names, t.removeprefix("small "), lambda n: n if n in known else None))
            yield small(text) if is_small and names.random.random() < 0.6 else text


def presidio(names, data):
    templates = [t.replace("\\n", "¶") for t in lines(data, "presidio", "templates.txt") if is_trained(t)]
    for _ in range(PRESIDIO_ROUNDS):
        for t in templates:
            yield list(filled(names, t, lambda n: PRESIDIO.get(n, "number")))


CLINICAL = {"NOMBRE_SUJETO_ASISTENCIA": "PER", "NOMBRE_PERSONAL_SANITARIO": "PER", "TERRITORIO": "LOC", "PAIS": "LOC",
            "HOSPITAL": "ORG", "INSTITUCION": "ORG", "CENTRO_SALUD": "ORG"}


def clinical(data):
    for row in (json.loads(x) for x in lines(data, "clinical", "meddocan.train.jsonl")):
        spans = sorted((s, e, CLINICAL[k]) for k, s, e in row["spans"] if k in CLINICAL and not row["text"][s:e].isdigit())
        text, at = [], 0
        for start, end, label in spans + [(len(row["text"]), len(row["text"]), None)]:
            for part in re.split(r"(\n)", row["text"][at:start]):
                text += [("¶", "O")] if part == "\n" else tokens(part, None)
            text += tokens(row["text"][start:end], label)
            at = end
        yield text


# Words that stand between the parts of names.
OF = ("de la las los del van von der den di da do dos das du el al bin ibn ben abu ter ten zu zum zur le les y e und et and of "
      "the for & 's d l").split()


def lists(data, out):
    """The lists that have more in them than words."""
    g = os.path.join(data, "gazetteers")
    nations = os.path.join(g, "nationalities_presidio_research.csv")
    words = [w for w in lines(g, "english_common_words_scowl50.txt") if w[0].islower() and not w.endswith("'s")]
    write_list(out, "common", words + lines(HERE, "nouns.txt")[0].split() + lines(HERE, "nouns.txt")[1].split() + "i'm i've i'll i'd it's that's there's let's what's here's he's she's who's".split())
    write_list(out, "nation", sorted({w for c in ("nationality", "man", "woman", "plural") for w in table(nations, c)}))
    write_list(out, "country", table(nations, "country"))
    write_list(out, "firm", [f.replace(",", " ") for f in table(os.path.join(g, "organizations_presidio_research.csv"),
                                                               "organization")])
    write_list(out, "proper", " ".join(lines(HERE, "proper.txt")).split())
    write_list(out, "of", OF)


def write_list(out, name, words):
    with open(os.path.join(out, name + ".txt"), "w", encoding="utf-8") as f:
        f.write("".join(w + "\n" for w in words))


def main(data, out):
    os.makedirs(out, exist_ok=True)
    lists(data, out)
    names = Names(data)
    write(os.path.join(out, "own.bio"), own(names))
    write(os.path.join(out, "presidio.bio"), presidio(names, data))
    write(os.path.join(out, "clinical.bio"), clinical(data))


if __name__ == "__main__":
    main(*sys.argv[1:])
