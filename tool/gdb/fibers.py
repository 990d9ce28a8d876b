# SPDX-License-Identifier: Apache-2.0
"""fibers - what every fiber of a process or a core file is doing.

    gdb -p PID -x tool/gdb/fibers.py -batch -ex fibers
    gdb build/trivium core -x tool/gdb/fibers.py
    (gdb) fibers            one line for each living fiber of every loop
    (gdb) fibers -b         the same, with where each one is
    (gdb) fiber 17          where fiber 17 is
    (gdb) fibers -b EXPR    of the one loop that EXPR points to

Nothing is executed in the process and no register is set, so that it works on
core files that the kernel wrote (gcore stops at the guards of stacks).  A fiber
that does not run left its registers on its own stack, as Boost.Context saves
them; from there the chain of frame pointers is followed, which every function
of ours keeps (-fno-omit-frame-pointer).  Loops are found through the threads'
frames: a worker's has `loop`, a fiber's has `f`.
"""

import gdb

# Where jump_fcontext of Boost.Context (System V, ELF) keeps the frame pointer and the return address.
SAVED = {
    "i386:x86-64": (0x30, 0x38),
    "aarch64": (0x90, 0x98),
}
FRAMES_MAX = 64
STATES = ("free", "ready", "running", "parked")


def word(address):
    memory = gdb.selected_inferior().read_memory(address, 8)
    return int.from_bytes(bytes(memory), "little")


def place(pc):
    """The functions at a program counter, the innermost inlined one first, and the line."""
    names = []
    block = gdb.block_for_pc(pc)
    while block is not None and not block.is_global and not block.is_static:
        if block.function is not None:
            names.append(block.function.print_name)
            if not block.function.symtab:
                break
        block = block.superblock
    line = gdb.find_pc_line(pc)
    if not names:
        text = gdb.execute("info symbol %#x" % pc, to_string=True)
        names = [text.split(" in section")[0].strip() if "in section" in text else "%#x" % pc]
    where = " at %s:%d" % (line.symtab.filename, line.line) if line.symtab else ""
    return names, where


def trace(fiber):
    """Program counters of a fiber that does not run, the newest first."""
    arch = gdb.selected_frame().architecture().name()
    if arch not in SAVED:
        raise gdb.GdbError("fibers: how %s saves its registers is not known" % arch)
    at_frame, at_return = SAVED[arch]
    context = int(fiber["context"])
    # The fiber's struct is above its stack: a frame pointer is never higher.
    low, high = int(fiber["low"]), int(fiber.address)
    frame, pc = word(context + at_frame), word(context + at_return)
    found = []
    while len(found) < FRAMES_MAX:
        found.append(pc)
        if not low <= frame < high - 16:
            break
        pc, above = word(frame + 8), word(frame)
        if pc == 0 or above <= frame:
            if pc != 0:
                found.append(pc)
            break
        frame = above
    return found


def show_trace(fiber):
    if STATES[int(fiber["state"])] == "running":
        print("    (it runs: see the backtrace of its thread)")
        return
    number = 0
    for i, pc in enumerate(trace(fiber)):
        # A return address is behind the call; the newest one is, too.
        names, where = place(pc - 1)
        for name in names:
            if name.startswith(("switch_to_", "jump_fcontext")):
                continue
            print("    #%-2d %s%s" % (number, name, where))
            where = " (inlined there)" if where else ""
            number += 1


def loops_of_thread():
    """Loops that the frames of the selected thread know of."""
    frame = gdb.newest_frame()
    depth = 0
    while frame is not None and depth < 200:
        for name, path in (("loop", None), ("f", "loop")):
            try:
                value = frame.read_var(name)
                if value.is_optimized_out or str(value.type.strip_typedefs()) not in (
                        "struct loop *", "struct fiber *"):
                    continue
                value = value.dereference()
                address = int(value["loop"]) if path else int(value.address)
                if address:
                    yield address
            except (ValueError, gdb.error):
                pass
        try:
            frame = frame.older()
        except gdb.error:
            return
        depth += 1


def loops():
    """Every loop of the process, once, with its thread."""
    selected = gdb.selected_thread()
    found = {}
    for thread in sorted(gdb.selected_inferior().threads(), key=lambda t: t.num):
        thread.switch()
        for address in loops_of_thread():
            found.setdefault(address, thread.name)
    if selected is not None:
        selected.switch()
    kind = gdb.lookup_type("struct loop").pointer()
    return [(gdb.Value(a).cast(kind).dereference(), name) for a, name in found.items()]


def fibers_of(loop):
    fiber = loop["fibers"]["newest"]
    while int(fiber) != 0:
        yield fiber.dereference()
        fiber = fiber.dereference()["older"]


def seconds(nanos):
    return "%.3f s" % (nanos / 1e9)


def show(loop, fiber):
    now, deadline = int(loop["now"]), int(fiber["deadline"])
    state = STATES[int(fiber["state"])]
    flags = [n for n in ("woken", "expired", "cancelled", "shielded") if fiber[n]]
    left = ""
    if state == "parked" and deadline != 2 ** 63 - 1:
        left = ", deadline in " + seconds(deadline - now)
    print("%6d  %-16s %-8s age %s%s%s  (struct fiber *)%#x" % (
        int(fiber["number"]), fiber["name"].string(), state, seconds(now - int(fiber["born"])),
        left, ", " + " ".join(flags) if flags else "", int(fiber.address)))


class Fibers(gdb.Command):
    """fibers [-b] [LOOP]: every living fiber; -b: with where each one is."""

    def __init__(self):
        super().__init__("fibers", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        words = gdb.string_to_argv(argument)
        deep = "-b" in words
        words = [w for w in words if w != "-b"]
        if words:
            some = [(gdb.parse_and_eval(" ".join(words)).dereference(), "given")]
        else:
            some = loops()
        if not some:
            raise gdb.GdbError("fibers: no thread is in a loop; say which: fibers LOOP")
        for loop, thread in some:
            count = int(loop["fibers"]["living"])
            print("loop %#x (%s): %d fiber%s, turn %d" % (
                int(loop.address), thread, count, "" if count == 1 else "s", int(loop["turn"])))
            for fiber in fibers_of(loop):
                show(loop, fiber)
                if deep:
                    show_trace(fiber)


class Fiber(gdb.Command):
    """fiber NUMBER: where that fiber is, on whichever loop."""

    def __init__(self):
        super().__init__("fiber", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        wanted = int(argument, 0)
        for loop, _ in loops():
            for fiber in fibers_of(loop):
                if int(fiber["number"]) == wanted:
                    show(loop, fiber)
                    show_trace(fiber)


Fibers()
Fiber()
