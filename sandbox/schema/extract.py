"""`python -m sandbox.schema.extract WHEEL [--beta WHEEL] [--facts DIR]`: make the shipped schema data.

WHEEL is PyPI's `cdktn-provider-google` (bindings of the google provider, MPL-2.0), and after `--beta` its
`cdktn-provider-google-beta`, of which only what google lacks is kept. DIR holds three tables of facts that
the bindings lack. What is not given stays as it is shipped. The same input gives the same bytes.
"""

import argparse
import base64
import csv
import json
import re
import tarfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sandbox.schema.archive import DATA, FILES
from sandbox.schema.typescript import Extracted, parse_binding

_BINDING = re.compile(r"package/lib/([^/]+)/(index-structs/.*|index)\.js$")
_SOURCE_MAP = re.compile(r"sourceMappingURL=data:application/json;base64,(\S+)")
_EPOCH = (2020, 1, 1, 0, 0, 0)
_LISTS = ("conflicts_with", "exactly_one_of", "at_least_one_of", "required_with")
_NUMBERS = ("min_items", "max_items")
_FLAGS = ("force_new", "sensitive", "computed")
_PROVIDER_BLOCKS: dict[str, Any] = {
    "batching": {
        "n": "list",
        "max": 1,
        "a": {"enable_batching": ["bool", "o"], "send_after": ["string", "o"]},
    },
    "external_credentials": {
        "n": "list",
        "max": 1,
        "a": {
            "audience": ["string", "r"],
            "identity_token": ["string", "r"],
            "service_account_email": ["string", "r"],
        },
    },
}


def read_wheel(wheel: Path) -> Iterator[Extracted]:
    """Yield every type in the bindings' wheel; the provider's own block comes as `google`."""
    sources: dict[str, list[str]] = defaultdict(list)
    with zipfile.ZipFile(wheel) as package:
        archive = next(name for name in package.namelist() if name.endswith(".jsii.tgz"))
        with package.open(archive) as stream, tarfile.open(fileobj=stream, mode="r|gz") as bundle:
            for member in bundle:
                found = _BINDING.match(member.name)
                content = bundle.extractfile(member) if found else None
                if found and content:
                    text = _original(content.read().decode())
                    sources[found[1]].insert(0 if found[2] == "index" else len(sources[found[1]]), text)
    for name in sorted(sources):
        if one := parse_binding("\n".join(sources[name])):
            yield one


def read_facts(folder: Path) -> dict[str, dict[str, Any]]:
    """Return {type: {"facts": {path: …}, "conditional": […], "id": {…}}} from the three tables."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in _table(folder / "google_schema_facts.tsv"):
        found[row["type"]].setdefault("facts", {})[row["path"]] = _fact(row)
    for row in _table(folder / "google_conditional_facts.tsv"):
        found[row["type"]].setdefault("conditional", []).append([row["kind"], row["path"], row["rule"]])
    for row in _table(folder / "google_id_formats.tsv"):
        found[row["type"]]["id"] = {
            key: int(value) if key == "schema_version" else value
            for key, value in row.items()
            if value and key not in {"type", "group", "url_source"}
        }
    return found


def write_archive(path: Path, entries: Mapping[str, Any]) -> None:
    """Write one compressed JSON entry for each name, the same bytes for the same entries."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(entries):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, json.dumps(entries[name], separators=(",", ":"), ensure_ascii=False))


def main(arguments: Iterable[str] | None = None) -> None:
    """Read the wheel and the tables and write the data folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--beta", type=Path)
    parser.add_argument("--facts", type=Path)
    options = parser.parse_args(None if arguments is None else list(arguments))
    blocks = read_blocks(options.wheel)
    write_archive(DATA / FILES["resource"], blocks["resource"])
    write_archive(DATA / FILES["data"], blocks["data"])
    if options.beta:
        more = read_blocks(options.beta)
        for kind in ("resource", "data"):
            write_archive(DATA / FILES[f"beta {kind}"], beyond(more[kind], blocks[kind]))
    if options.facts:
        write_archive(DATA / FILES["facts"], read_facts(options.facts))


def read_blocks(wheel: Path) -> dict[str, dict[str, Any]]:
    """Return the `resource` and `data` blocks of a wheel by type; the provider's own is among the latter."""
    blocks: dict[str, dict[str, Any]] = {"resource": {}, "data": {}, "provider": {}}
    for one in read_wheel(wheel):
        blocks[one.kind][one.name] = one.block
    (provider,) = blocks.pop("provider").values()
    for name in (*_PROVIDER_BLOCKS, "alias"):
        provider["a"].pop(name, None)
    provider["b"] = _PROVIDER_BLOCKS
    blocks["data"]["provider"] = provider
    return blocks


def beyond(more: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return what blocks have, by name, that those known have not; nested blocks are compared within."""
    found: dict[str, Any] = {}
    for name, block in more.items():
        if name not in known:
            found[name] = block
            continue
        attributes = {key: one for key, one in block["a"].items() if key not in known[name]["a"]}
        nested = beyond(block.get("b", {}), known[name].get("b", {}))
        if attributes or nested:
            found[name] = {"a": attributes, "b": nested, "n": block.get("n")}
    return found


def _original(script: str) -> str:
    found = _SOURCE_MAP.search(script)
    return json.loads(base64.b64decode(found[1]))["sourcesContent"][0] if found else ""


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def _fact(row: Mapping[str, str]) -> dict[str, Any]:
    fact: dict[str, Any] = {flag: True for flag in _FLAGS if row[flag] == "1"}
    fact |= {name: json.loads(row[name]) for name in ("default", "enum") if row[name]}
    fact |= {name: row[name].split(",") for name in _LISTS if row[name] and row[name] != "custom"}
    fact |= {name: int(row[name]) for name in _NUMBERS if row[name]}
    if row["range_or_regex"]:
        fact["range_or_regex"] = row["range_or_regex"]
    return fact


if __name__ == "__main__":
    main()
