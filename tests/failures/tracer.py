"""Runs a command and writes which flushes and answers it makes, in their order: ``python tracer.py <out> <command>...``.

What strace does, for the few calls that matter, so that the proof needs nothing but Linux. A line ``flushed <path>`` stands for an
``fsync`` or ``fdatasync`` that has returned without an error, a line ``answered <status>`` for an answer that is about to be sent.
Exit code 77 where tracing is not allowed.
"""

import ctypes
import os
import signal
import struct
import sys
from pathlib import Path

_TRACEME, _SYSCALL, _SETOPTIONS, _GET_SYSCALL_INFO = 0, 24, 0x4200, 0x420E
_TRACESYSGOOD, _TRACEFORK, _TRACEVFORK, _TRACECLONE, _EXITKILL = 1, 2, 4, 8, 0x100000
_WALL = 0x40000000
_ENTRY, _EXIT = 1, 2
_NOT_ALLOWED = 77

# By the numbers of each processor: flushes, then calls that send, with where their bytes are.
_NUMBERS = {
    "x86_64": ({74, 75}, {1: "bytes", 44: "bytes", 20: "vector", 46: "message"}),
    "aarch64": ({82, 83}, {64: "bytes", 206: "bytes", 66: "vector", 211: "message"}),
}

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


class Tracer:
    """Watches one command and all its threads; notes go to the file descriptor ``out``."""

    def __init__(self, out: int, flushes: set[int], sends: dict[int, str]) -> None:
        self._out = out
        self._flushes = flushes
        self._sends = sends
        self._entered: dict[int, tuple[int, ...]] = {}

    def run(self, command: list[str]) -> int:
        """Exit code of the command."""
        child = os.fork()
        if child == 0:
            if _libc.ptrace(_TRACEME, 0, None, None):
                os._exit(_NOT_ALLOWED)
            os.kill(os.getpid(), signal.SIGSTOP)
            os.execvp(command[0], command)
        _, status = os.waitpid(child, _WALL)
        if os.WIFEXITED(status):
            return os.WEXITSTATUS(status)
        options = _TRACESYSGOOD | _TRACEFORK | _TRACEVFORK | _TRACECLONE | _EXITKILL
        _libc.ptrace(_SETOPTIONS, child, None, options)
        thread, deliver = child, 0
        while True:
            _libc.ptrace(_SYSCALL, thread, None, deliver)
            thread, status = os.waitpid(-1, _WALL)
            while not os.WIFSTOPPED(status):
                if thread == child:
                    return os.waitstatus_to_exitcode(status)
                thread, status = os.waitpid(-1, _WALL)
            deliver = os.WSTOPSIG(status)
            if deliver == signal.SIGTRAP | 0x80:
                self._look(thread)
                deliver = 0
            elif deliver in {signal.SIGTRAP, signal.SIGSTOP}:
                deliver = 0

    def _look(self, thread: int) -> None:
        """A call begins or has returned; the layout is that of ``struct ptrace_syscall_info``."""
        info = ctypes.create_string_buffer(88)
        _libc.ptrace(_GET_SYSCALL_INFO, thread, len(info), info)
        if info.raw[0] == _ENTRY:
            self._entered[thread] = call = struct.unpack_from("=7Q", info.raw, 24)
            if call[0] in self._sends:
                self._note_answer(thread, self._sends[call[0]], call[2])
        elif info.raw[0] == _EXIT and thread in self._entered:
            call = self._entered.pop(thread)
            if call[0] in self._flushes and struct.unpack_from("=q", info.raw, 24) == (0,):
                os.write(self._out, f"flushed {Path(f'/proc/{thread}/fd/{call[1]}').readlink()}\n".encode())

    def _note_answer(self, thread: int, kind: str, address: int) -> None:
        with Path(f"/proc/{thread}/mem").open("rb", buffering=0) as memory:

            def pointer(at: int) -> int:
                memory.seek(at)
                return int(struct.unpack("=Q", memory.read(8))[0])

            try:
                if kind == "message":
                    address = pointer(address + 16)
                if kind != "bytes":
                    address = pointer(address)
                memory.seek(address)
                head = memory.read(12)
            except (OSError, struct.error, ValueError):
                return
        if head.startswith(b"HTTP/1.1 "):
            os.write(self._out, b"answered " + head[9:] + b"\n")


def main(path: str, *command: str) -> int:
    """Exit code of the command."""
    numbers = _NUMBERS.get(os.uname().machine)
    if numbers is None:
        return _NOT_ALLOWED
    return Tracer(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), *numbers).run([*command])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
