# SPDX-License-Identifier: Apache-2.0
"""Each rule of tidy, broken once in a small clean tree, and seen to be found.

A plant is (rule, why, path, text).  The tree without plants must be clean, and
with one plant every finding must be of that plant's rule: a rule that finds
nothing is a wish, and one that finds too much is switched off within a week.
"""

import os
import subprocess
import tempfile

SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"


def header(folder, noun, body):
    guard = f"{folder}_{noun}_H".upper()
    return (f"{SPDX}#ifndef {guard}\n#define {guard}\n\n/*\n * {noun} - what a {noun} is.\n */\n\n"
            f"{body}\n#endif\n")


def source(folder, noun, body):
    return f'{SPDX}#include "{folder}/{noun}.h"\n\n{body}'


CLEAN = {
    "tool/layers.txt": ("core: core\nwire: core wire\nrun: core run\ngate: core wire run gate\n"
                        "<stddef.h>: any\n"),
    "src/core/leaf.h": header("core", "leaf", "int leaf_add(int a, int b);\n"),
    "src/core/leaf.c": source("core", "leaf", (
        "struct row {\n\tconst char *name;\n};\n\n"
        "static const struct row rows[] = { { \"a {\" }, { \"b\" } };\n\n"
        "int\nleaf_add(int a, int b)\n{\n"
        "\tfor (int i = 0; i < b; i++) {\n\t\tif (a > 0) {\n\t\t\tif (rows[0].name != rows[1].name)\n"
        "\t\t\t\ta++;\n\t\t}\n\t}\n\treturn a;\n}\n")),
    "src/run/door.h": header("run", "door", "int door_open(void);\n"),
    "src/run/door.c": source("run", "door", "#include <unistd.h>\n\n"
                             "int\ndoor_open(void)\n{\n\treturn getpid();\n}\n"),
    "src/gate/step.h": header("gate", "step", "int gate_step(void);\n"),
    "src/gate/step.c": source("gate", "step", '#include "core/leaf.h"\n\n'
                              "int\ngate_step(void)\n{\n\treturn leaf_add(1, 2);\n}\n"),
}


def leaf(body):
    """Another pure noun: core/twig.c with its header."""
    return {"src/core/twig.h": header("core", "twig", "extern int twig_one;\nint twig_get(int);\n"),
            "src/core/twig.c": source("core", "twig", body)}


def function(name, body, parameters="int a"):
    return f"int\n{name}({parameters})\n{{\n{body}\treturn 0;\n}}\n"


def nested(levels):
    return "".join("\t" * i + "if (a > 0) {\n" for i in range(1, levels + 1)) + (
        "\t" * (levels + 1) + "a++;\n") + "".join(
        "\t" * i + "}\n" for i in range(levels, 0, -1))


PLANTS = [
    ("layer", "core includes run", leaf('#include "run/door.h"\n')),
    ("layer", "a header is included without its folder", leaf('#include "leaf.h"\n')),
    ("layer", "a folder that nobody decided on",
     {"src/misc/junk.h": header("misc", "junk", "int junk_get(void);\n")}),
    ("door", "core includes a header of the system", leaf("#include <sys/types.h>\n")),
    ("door", "gate opens sockets", {"src/gate/sock.c": SPDX + "#include <sys/socket.h>\n"}),
    ("purity", "core calls malloc",
     leaf("void *malloc(unsigned long);\n\nint\ntwig_get(int a)\n{\n\treturn malloc(4) != 0 && a;\n}\n")),
    ("global", "core counts in a static",
     leaf("int\ntwig_get(int a)\n{\n\tstatic int count = 4;\n\n\treturn count += a;\n}\n")),
    ("global", "an exported variable", leaf("int twig_one;\n")),
    ("global", "a thread-local variable",
     {"src/run/window.c": SPDX + "static _Thread_local int pane;\n\n"
      "int window_get(void);\n\nint\nwindow_get(void)\n{\n\treturn ++pane;\n}\n"}),
    ("symbol", "a file exports another noun's name",
     leaf("int branch_get(int);\n\nint\nbranch_get(int a)\n{\n\treturn a;\n}\n")),
    ("size", "a function of 71 lines", leaf(function("twig_get", "\ta++;\n" * 67))),
    ("size", "six parameters",
     leaf("static int\nsix(int a, int b, int c, int d, int e, int f)\n{\n"
          "\treturn a + b + c + d + e + f;\n}\n\nint\ntwig_get(int a)\n{\n"
          "\treturn six(a, 1, 2, 3, 4, 5);\n}\n")),
    ("size", "four levels of nesting", leaf(function("twig_get", nested(4)))),
    ("size", "twenty decisions in one function",
     leaf(function("twig_get", "\tif (a > 0)\n\t\ta++;\n" * 20))),
    ("size", "a header of 151 lines",
     {"src/core/long.h": header("core", "long", "int long_a(void);\n" * 141)}),
    ("size", "a source of 1001 lines", leaf("\n" * 1001)),
    ("size", "a folder of 26 nouns",
     {f"src/run/noun{i}.h": header("run", f"noun{i}", f"int noun{i}_get(void);\n")
      for i in range(25)}),
    ("word", "unfinished work", leaf("/* TO" "DO: finish */\n")),
    ("word", "a copy without a bound",
     {"src/run/copy.c": SPDX + "static void\ncopy(char *a)\n{\n\tstr" "cpy(a, \"b\");\n}\n"}),
    ("word", "goto in gate", {"src/gate/jump.c": SPDX + "static int\njump(void)\n{\n\tgoto out;\nout:\n"
                              "\treturn 0;\n}\n"}),
    ("word", "a typedef of a struct", leaf("typedef struct leaf leaf_t;\n")),
    ("word", "money as a double", leaf("static const dou" "ble price = 1;\n")),
    ("layout", "no licence line", {"src/run/plain.h": header("run", "plain", "")[len(SPDX):]}),
    ("layout", "a line of 101 columns", leaf("/*" + "x" * 99 + "*/\n")),
    ("layout", "indentation by spaces", leaf("int\ntwig_get(int a)\n{\n        return a;\n}\n")),
    ("layout", "a space at the end of a line", leaf("/* a */ \n")),
    ("layout", "no space after a keyword", leaf(function("twig_get", "\tif(a > 0)\n\t\ta++;\n"))),
    ("layout", "the return type on the name's line",
     leaf("int twig_get(int a)\n{\n\treturn a;\n}\n")),
    ("layout", "the brace on the name's line", leaf("int\ntwig_get(int a) {\n\treturn a;\n}\n")),
    ("layout", "the own header is not first",
     {"src/core/twig.h": header("core", "twig", "int twig_get(int);\n"),
      "src/core/twig.c": SPDX + '#include "core/leaf.h"\n#include "core/twig.h"\n'}),
    ("layout", "a guard of another name",
     {"src/run/guard.h": header("run", "other", "int guard_get(void);\n")}),
    ("layout", "a header without an essay",
     {"src/run/mute.h": SPDX + "#ifndef RUN_MUTE_H\n#define RUN_MUTE_H\nint mute_get(void);\n#endif\n"}),
    ("stranger", "a path of somebody's workplace", {"doc/x.md": "see /wo" "rk/main\n"}),
    ("stranger", "the host of a registry", {"doc/x.md": "https://registry." "npmjs.org/x\n"}),
    ("symbol", "an exception that is no longer needed",
     {"tool/exceptions.txt": "symbol\tsrc/core/leaf.c\tleaf_gone\tonce it was there\n"}),
]


def write(root, files):
    for path, text in files.items():
        whole = os.path.join(root, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "w", encoding="utf-8") as f:
            f.write(text)


def compile_all(root, objects):
    """Objects of what compiles; a plant in the text alone need not."""
    for top, _, names in os.walk(os.path.join(root, "src")):
        for name in sorted(names):
            if not name.endswith(".c"):
                continue
            folder = os.path.join(objects, os.path.basename(top))
            os.makedirs(folder, exist_ok=True)
            subprocess.run(["gcc", "-w", "-O1", "-fPIE", "-I" + os.path.join(root, "src"), "-c",
                            os.path.join(top, name), "-o", os.path.join(folder, name[:-2] + ".o")],
                           capture_output=True, check=False)


def found(tidy, extra):
    with tempfile.TemporaryDirectory() as root:
        files = dict(CLEAN)
        files.update(extra)
        write(root, files)
        objects = os.path.join(root, "build/obj")
        compile_all(root, objects)
        tracked = sorted(p for p in files)
        return list(tidy.findings(tidy.Tree(root, objects, tracked)))


def run(tidy):
    """Prints TAP; returns the exit status."""
    count = failures = 0

    def line(ok, text):
        nonlocal count, failures
        count += 1
        failures += not ok
        print(f"{'ok' if ok else 'not ok'} {count} - {text}")

    clean = found(tidy, {})
    line(not clean, f"a clean tree has no findings {clean or ''}")
    for rule, why, files in PLANTS:
        got = found(tidy, files)
        ok = bool(got) and all(name == rule for name, *_ in got)
        line(ok, f"{rule}: {why}" + ("" if ok else f" (found {got})"))
    planted = {rule for rule, *_ in PLANTS}
    line(planted == set(tidy.RULES), "every rule has a plant")
    print(f"1..{count}")
    print(f"tidy --self-test: {count - failures} passed, {failures} failed")
    return failures > 0
