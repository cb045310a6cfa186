"""The smallest source of a function, as a zip that a Terraform string can hold.

A zip is binary, and Terraform's strings are text: the archive is built uncompressed, and its files are padded
until every byte of the sizes, offsets and checksums is below 128
(https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT).
"""

import struct
import zlib
from collections.abc import Mapping

_ASCII = 128
_MOST_PADDING = 4000
_DATE = 0x5821  # 1 January 2024
_NODE = {
    "index.js": "exports.main = (request, response) => (response?.send ? response.send('ok') : 'ok');\n",
    "package.json": '{"name": "function", "version": "1.0.0", "main": "index.js"}\n',
}
SOURCES: Mapping[str, Mapping[str, str]] = {
    "nodejs": _NODE,
    "python": {"main.py": 'def main(event):\n    return "ok"\n', "requirements.txt": "functions-framework\n"},
    "go": {
        "function.go": (
            'package function\n\nimport "net/http"\n\n'
            "func Main(w http.ResponseWriter, r *http.Request) {\n\tw.Write([]byte(`ok`))\n}\n"
        ),
        "go.mod": "module function\n\ngo 1.22\n",
    },
    "ruby": {
        "app.rb": 'require "functions_framework"\n\nFunctionsFramework.http("main") { |request| "ok" }\n',
        "Gemfile": 'source "https://rubygems.org"\n\ngem "functions_framework", "~> 1.0"\n',
    },
    "php": {
        "index.php": "<?php\n\nfunction main($request)\n{\n    return 'ok';\n}\n",
        "composer.json": '{"require": {"google/cloud-functions-framework": "^1.0"}}\n',
    },
}


def function_source(runtime: str) -> str:
    """Return the zip of a first source for a runtime such as python312, as text of ASCII characters."""
    family = runtime.rstrip("0123456789")
    return ascii_zip(SOURCES.get(family, _NODE))


def ascii_zip(files: Mapping[str, str]) -> str:
    """Return an uncompressed zip of these ASCII files, padded with line ends, without a byte above 127."""
    body, directory = b"", b""
    for name, text in files.items():
        entry, head = _entry(name.encode(), text.encode("ascii"), len(body))
        body += entry
        directory += head
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, len(files), len(files), len(directory), len(body), 0)
    return (body + directory + end).decode("ascii")


def _entry(name: bytes, content: bytes, offset: int) -> tuple[bytes, bytes]:
    """Return (local entry, directory entry) of one file, padded until all their bytes are ASCII."""
    for padding in range(_MOST_PADDING):
        padded = content + b"\n" * padding
        fields = struct.pack(
            "<5H3I2H", 20, 0, 0, 0, _DATE, zlib.crc32(padded), len(padded), len(padded), len(name), 0
        )
        local = b"PK\x03\x04" + fields + name + padded
        head = (
            b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<3H2I", 0, 0, 0, 0, offset) + name
        )
        following = struct.pack("<I", offset + len(local))
        if max(local + head + following) < _ASCII:
            return local, head
    raise ValueError(f"{name.decode()} cannot be padded to an archive of text")
