# SPDX-License-Identifier: Apache-2.0
"""How well detection finds what is labelled: precision, recall, F1 and F2 for each type.

    python3 bench/accuracy [SET...]

Every module of this folder with a function measure() is a set, named like its file.  The data are not in the
tree: TRIVIUM_DATA names their folder, TRIVIUM the program.
"""
import importlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import common  # noqa: E402


def sets():
    names = sorted(f[:-3] for f in os.listdir(HERE) if f.endswith(".py") and f not in ("__main__.py", "common.py"))
    return [n for n in names if hasattr(importlib.import_module(n), "measure")]


def main(wanted):
    known = sets()
    if "--help" in wanted or "-h" in wanted:
        print(__doc__.strip() + f"\n\nsets: {', '.join(known)}")
        return 0
    unknown = [w for w in wanted if w not in known]
    if unknown:
        print(f"accuracy: there is no set {unknown[0]}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    for name in wanted or known:
        print(f"\n# {name}: {importlib.import_module(name).__doc__.strip()}\n\n{common.HEAD}")
        importlib.import_module(name).measure()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except common.Missing as e:
        print(f"accuracy: {e}", file=sys.stderr)
        sys.exit(66)
