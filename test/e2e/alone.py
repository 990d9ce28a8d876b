# SPDX-License-Identifier: Apache-2.0
"""alone - a test in a network namespace of its own.

Running without a configuration uses the well-known ports, and looks for engines
at theirs.  In a namespace with nothing but loopback all of them are free, and
nobody else's gateway is disturbed.
"""

import ctypes
import fcntl
import functools
import os
import socket
import struct
import sys
import traceback

import pytest

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def enter():
    """Moves this process, which must have one thread, to a namespace; False if it may not."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0 and libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    return True


def alone(test):
    """The test runs in a child that lives in a namespace; what it raises is raised here."""
    @functools.wraps(test)
    def run(*args, **kwargs):
        theirs, ours = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(theirs)
            text, code = b"", 0
            try:
                if enter():
                    test(*args, **kwargs)
                else:
                    code = 77
            except BaseException:                                       # noqa: BLE001
                text, code = traceback.format_exc().encode(), 1
            os.write(ours, text[-60000:])
            sys.stdout.flush()
            os._exit(code)
        os.close(ours)
        text = b""
        while piece := os.read(theirs, 65536):
            text += piece
        os.close(theirs)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code == 77:
            pytest.skip("this machine gives no network namespace")
        assert code == 0, text.decode()
    return run
