# SPDX-License-Identifier: Apache-2.0
"""Processes of a measurement: starting, pinning, what they cost, and ending them by their id.

CPU time is the sum of what the scheduler counted (schedstat, ns) over every thread of every
process below the one that was started, so a supervisor, helper threads and a second process are
paid for.  Memory is the proportional set size from smaps_rollup, summed the same way.
"""
import os
import pwd
import signal
import socket
import subprocess
import time


class BenchError(Exception):
    """Something that the measurement needs is missing or failed; the text says what."""


def free_port():
    """A port that nothing listens on, outside the range that connections take theirs from."""
    low = int(open("/proc/sys/net/ipv4/ip_local_port_range").read().split()[0])
    for _ in range(200):
        port = 10000 + int.from_bytes(os.urandom(2), "big") % (max(low, 20000) - 10000)
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise BenchError("no free port was found")


def tree(pid):
    """The process and everything below it."""
    found, todo = [], [pid]
    while todo:
        p = todo.pop()
        found.append(p)
        try:
            for task in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{task}/children") as f:
                    todo += [int(c) for c in f.read().split()]
        except OSError:
            continue
    return found


def cpu_ns(pid):
    """CPU time of the tree so far."""
    total = 0
    for p in tree(pid):
        try:
            tasks = os.listdir(f"/proc/{p}/task")
        except OSError:
            continue
        for task in tasks:
            try:
                with open(f"/proc/{p}/task/{task}/schedstat") as f:
                    total += int(f.read().split()[0])
            except OSError:
                continue
    return total


def pss_bytes(pid):
    """Proportional set size of the tree, page tables and kernel memory not included."""
    total = 0
    for p in tree(pid):
        try:
            with open(f"/proc/{p}/smaps_rollup") as f:
                for line in f:
                    if line.startswith("Pss:"):
                        total += int(line.split()[1]) * 1024
        except OSError as e:
            raise BenchError(f"cannot read the memory of process {p}: {e}") from e
    return total


def pinned(cores, nice, nobody=False):
    """What a child does before it executes its program; the rights to it go last.

    `nice` may be "realtime": first in the queue, ahead of every ordinary process.
    """
    user = pwd.getpwnam("nobody") if nobody and os.geteuid() == 0 else None

    def child():
        os.sched_setaffinity(0, cores)
        if nice == "realtime":
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
        elif nice:
            os.setpriority(os.PRIO_PROCESS, 0, nice)
        if user:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
    return child


class Proc:
    """A started program in a process group of its own."""

    def __init__(self, name, argv, log, child):
        self.name, self.log = name, log
        self.popen = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=open(log, "ab"), stderr=subprocess.STDOUT,
            start_new_session=True, preexec_fn=child)
        self.pid = self.popen.pid

    def tail(self):
        with open(self.log, errors="replace") as f:
            return "".join(f.readlines()[-15:])

    def wait_port(self, port, seconds=10):
        """Until it accepts connections."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.popen.poll() is not None:
                raise BenchError(f"{self.name} ended with status {self.popen.returncode}:\n{self.tail()}")
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise BenchError(f"{self.name} does not listen on port {port}:\n{self.tail()}")

    def stop(self):
        """Asks it to end; after five seconds its group is made to."""
        if self.popen.poll() is None:
            self.popen.terminate()
            try:
                self.popen.wait(5)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.popen.wait()
