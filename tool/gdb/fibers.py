# SPDX-License-Identifier: Apache-2.0
"""fibers - parked fibers in gdb, of a living process or a core file.

    (gdb) source tool/gdb/fibers.py
    (gdb) fibers                 every fiber of every loop: number, state, name, since, where
    (gdb) fibers -b              the same, each with its backtrace
    (gdb) fiber 17               the backtrace of fiber 17 of the selected thread's loop

Nothing is run in the process and no register is changed: the frames of a
parked fiber are read from its stack through the frame pointers, which the
Makefile keeps.  The loops are found through the threads that run them.
(The operating system's core files have all stacks; those of gdb's own gcore
lack what lies in one mapping with a guard page.)
"""

import gdb

# Where jump_fcontext() keeps what a parked context needs (Boost.Context, System V).
LAYOUT = {
    "i386:x86-64": {"frame": 0x30, "pc": 0x38},
    "aarch64": {"frame": 0x90, "pc": 0xa0},
}
FRAMES_MAX = 64


def pointer(value):
    return int(value) & 0xffffffffffffffff


def word(address):
    memory = gdb.selected_inferior().read_memory(address, 8)
    return int.from_bytes(bytes(memory), "little")


def loop_of_frame(frame):
    """The loop that a frame knows by its variables `loop` or `f`, or None."""
    for name, read in (("loop", lambda v: v), ("f", lambda v: v.dereference()["loop"])):
        try:
            value = frame.read_var(name)
            if value.is_optimized_out:
                continue
            target = value.type.strip_typedefs()
            if target.code == gdb.TYPE_CODE_PTR and target.target().tag in ("loop", "fiber"):
                loop = read(value)
                if pointer(loop):
                    return loop
        except (ValueError, gdb.error):
            continue
    return None


def loops():
    """(thread, loop) for each thread that runs one."""
    before = gdb.selected_thread()
    try:
        for thread in sorted(gdb.selected_inferior().threads(), key=lambda t: t.num):
            thread.switch()
            frame = gdb.newest_frame()
            while frame is not None:
                loop = loop_of_frame(frame)
                if loop is not None:
                    yield thread, loop
                    break
                frame = frame.older()
    finally:
        if before is not None:
            before.switch()


def fibers_of(loop):
    fiber = loop.dereference()["fibers"].dereference()["newest"]
    while pointer(fiber):
        yield fiber.dereference()
        fiber = fiber.dereference()["older"]


def place(pc):
    block = gdb.block_for_pc(pc)
    while block is not None and block.function is None:
        block = block.superblock
    line = gdb.find_pc_line(pc)
    name = block.function.name if block is not None else "?"
    where = f"{line.symtab.filename}:{line.line}" if line.symtab else hex(pc)
    return name, where


def backtrace(fiber):
    """[(function, file:line)] of a parked fiber, innermost first."""
    layout = LAYOUT.get(gdb.selected_inferior().architecture().name())
    if layout is None:
        raise gdb.GdbError("the layout of a parked context is not known for this machine")
    low = pointer(fiber["low"])
    high = pointer(fiber.address)
    context = pointer(fiber["context"])
    frames = [place(word(context + layout["pc"]))]
    frame = word(context + layout["frame"])
    while low <= frame < high - 8 and len(frames) < FRAMES_MAX:
        pc = word(frame + 8)
        if pc == 0 or frames[-1][0] == "fiber_begin":
            break
        frames.append(place(pc - 1))
        older = word(frame)
        if older <= frame:
            break
        frame = older
    return frames


def state_name(fiber):
    return str(fiber["state"]).lower() + (", cancelled" if fiber["cancelled"] else "")


def show(fiber, loop, frames):
    age = (int(loop.dereference()["now"]) - int(fiber["born"])) / 1e9
    parked = str(fiber["state"]) == "PARKED"
    inner = next((f for f in backtrace(fiber) if not f[0].startswith(("switch_to", "fiber_"))),
                 ("?", "?")) if parked else ("running", "see the thread")
    gdb.write(f"{int(fiber['number']):6}  {state_name(fiber):18} {fiber['name'].string():16} "
              f"{age:9.3f} s  {inner[0]} ({inner[1]})\n")
    if frames and parked:
        show_frames(fiber)


def show_frames(fiber):
    for number, (name, where) in enumerate(backtrace(fiber)):
        gdb.write(f"          #{number:<2} {name} ({where})\n")


class Fibers(gdb.Command):
    """List the fibers of every loop; -b adds their backtraces."""

    def __init__(self):
        super().__init__("fibers", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        found = False
        for thread, loop in loops():
            found = True
            count = int(loop.dereference()["fibers"].dereference()["living"])
            gdb.write(f"thread {thread.num}: loop {pointer(loop):#x}, {count} fibers, "
                      f"turn {int(loop.dereference()['turn'])}\n")
            for fiber in fibers_of(loop):
                show(fiber, loop, "-b" in argument.split())
        if not found:
            gdb.write("no thread runs a loop\n")


class Fiber(gdb.Command):
    """Show the backtrace of one parked fiber: fiber NUMBER."""

    def __init__(self):
        super().__init__("fiber", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        if not argument.strip().isdigit():
            raise gdb.GdbError("fiber NUMBER, as `fibers` lists them")
        here = gdb.selected_thread()
        rows = sorted(loops(), key=lambda row: row[0].num != here.num)
        for _, loop in rows:
            for fiber in fibers_of(loop):
                if int(fiber["number"]) == int(argument):
                    show(fiber, loop, False)
                    if str(fiber["state"]) == "PARKED":
                        show_frames(fiber)
                    return
        raise gdb.GdbError("there is no such fiber")


Fibers()
Fiber()
