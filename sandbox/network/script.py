"""Reading a machine's start-up script: the commands it runs and the files it writes."""

import base64
import binascii
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.network.yaml_text import load_yaml

_HEREDOC = re.compile(r"<<(?P<dash>-?)\s*(?P<quote>['\"]?)(?P<word>[A-Za-z_]\w*)(?P=quote)")
_TARGET = re.compile(
    r"(?:\btee\s+(?:-a\s+|--append\s+)?|(?<![0-9&<>])>{1,2}\s*)(['\"]?)(?P<path>[\w./~${}-]+)\1"
)
_PRINTED = re.compile(
    r"\b(?:echo|printf)\s+(?:-[neE]+\s+)*(?P<quote>['\"])(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)"
    r"\s*(?P<into>\|\s*(?:sudo\s+)?tee\s+(?:-a\s+)?\S+|>{1,2}\s*\S+)",
    re.DOTALL,
)
_ASSIGNMENT = re.compile(
    r"""^\s*(?:export\s+|readonly\s+|local\s+|declare\s+(?:-\w+\s+)?)?(?P<name>[A-Za-z_]\w*)="""
    r"""(?P<value>"[^"\n]*"|'[^'\n]*'|\$\([^)\n]*\)|[^\s;&|]*)""",
    re.MULTILINE,
)
_VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)(?::?-(?P<default>[^}]*))?\}|(?P<plain>[A-Za-z_]\w*))")
_METADATA = re.compile(r"instance/attributes/([\w-]+)")
_PART = re.compile(r"""(?:[^;&|'"\\]|\\.|'[^']*'|"(?:\\.|[^"\\])*"|(?<=[<>])&|&(?=>)|&(?=\d))+""", re.DOTALL)
_SHELLS = {"sh", "bash", "dash", "zsh", "ash"}
_PREFIXES = {"sudo", "nohup", "exec", "env", "then", "do", "else", "time", "command", "-E", "-H"}
STDIN = "-"


@dataclass(frozen=True, slots=True)
class Script:
    """What a start-up script does: simple commands in order, and the text of each file it writes."""

    commands: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    variables: Mapping[str, str] = field(default_factory=dict[str, str])

    def joined(self, other: "Script") -> "Script":
        """Return both scripts, one after the other."""
        return Script(
            self.commands + other.commands,
            {**self.files, **other.files},
            {**self.variables, **other.variables},
        )


def read_script(text: str, metadata: Mapping[str, str] | None = None) -> Script:
    """Return what a start-up script or cloud-init user data does; `metadata` is the machine's own."""
    if text.lstrip().startswith("#cloud-config"):
        return _cloud_config(text)
    return _shell(text.replace("\r\n", "\n"), metadata or {})


def program(command: str) -> str:
    """Return the base name of the program a simple command starts, without `sudo`, `nohup` or assignments."""
    for word in _words(command):
        if word in _PREFIXES or re.match(r"^\w+=", word) or word in {"if", "while", "!", "{", "("}:
            continue
        return word.rsplit("/", 1)[-1]
    return ""


def _shell(text: str, metadata: Mapping[str, str]) -> Script:
    text = text.replace("\\\n", " ")
    variables = _variables(text, metadata)
    files: dict[str, str] = {}

    def keep(path: str, content: str) -> None:
        files[path] = files.get(path, "") + content + "\n"

    text = _take_printed(text, keep, variables)
    lines: list[str] = []
    reading = iter(text.split("\n"))
    for line in reading:
        heredoc = _HEREDOC.search(line)
        if heredoc is None or "<<<" in line:
            lines.append(line)
            continue
        content = expand("\n".join(_until(reading, heredoc["word"])), variables)
        head = expand(line[: heredoc.start()] + line[heredoc.end() :], variables)
        target = _TARGET.search(head)
        if target:
            keep(target["path"], content)
            lines.append(head)
        elif program(head) in _SHELLS | {"ssh", "su"}:
            lines.extend(content.split("\n"))
        else:
            keep(STDIN, content)
            lines.append(f"{head} {STDIN}")
    commands = tuple(expand(part, variables) for line in lines for part in _simple(line))
    return _with_called_scripts(Script(commands, files, variables))


def _take_printed(text: str, keep: Any, variables: Mapping[str, str]) -> str:
    """Take `echo '…' > file` and the like out of the text as files."""

    def take(found: re.Match[str]) -> str:
        target = _TARGET.search(found["into"])
        if target:
            content = found["text"].replace("\\n", "\n").replace('\\"', '"')
            keep(expand(target["path"], variables), expand(content, variables))
        return f"touch {target['path']}" if target else found[0]

    return _PRINTED.sub(take, text)


def _with_called_scripts(script: Script) -> Script:
    """Add what the shell scripts do that the script wrote and then called."""
    for path, content in script.files.items():
        name = path.rsplit("/", 1)[-1]
        is_shell = name.endswith(".sh") or re.match(r"#!\s*\S*/(?:env\s+)?(?:ba|da|z|a)?sh", content)
        if is_shell and any(_calls(command, name) for command in script.commands):
            inner = "\n".join(line for line in content.split("\n") if name not in line)
            script = script.joined(_shell(inner, {}))
    return script


def _calls(command: str, name: str) -> bool:
    return name in command and program(command) not in {"chmod", "cat", "tee", "touch", "chown"}


def _until(lines: Iterator[str], word: str) -> Iterator[str]:
    for line in lines:
        if line.strip() == word:
            return
        yield line


def _simple(line: str) -> Iterator[str]:
    """Yield the simple commands of one line, those of an inner `sh -c` included."""
    if line.lstrip().startswith("#"):
        return
    for part in _PART.findall(line):
        command = part.strip()
        if not command:
            continue
        words = _words(command)
        if program(command) in _SHELLS | {"su"} and "-c" in words[:-1]:
            for inner in words[words.index("-c") + 1].split("\n"):
                yield from _simple(inner)
        else:
            yield command


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:  # an apostrophe, say, that the shell reads with the next line
        return command.split()


def _variables(text: str, metadata: Mapping[str, str]) -> dict[str, str]:
    variables: dict[str, str] = {}
    for found in _ASSIGNMENT.finditer(text):
        value = found["value"].strip("\"'")
        asked = _METADATA.search(value)
        if asked:
            value = metadata.get(asked[1], "")
        variables[found["name"]] = expand(value, variables)
    return variables


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Return the text with `$NAME`, `${NAME}` and `${NAME:-default}` filled in where the value is known."""

    def value(found: re.Match[str]) -> str:
        name = found["braced"] or found["plain"]
        return variables.get(name) or (found["default"] if found["default"] is not None else found[0])

    return _VARIABLE.sub(value, text)


def _cloud_config(text: str) -> Script:
    document = load_yaml(text)
    if not isinstance(document, dict):
        return Script()
    packages = [
        " ".join(map(str, one)) if isinstance(one, list) else str(one) for one in _list(document, "packages")
    ]
    script = Script((f"apt-get install -y {' '.join(packages)}",) if packages else ())
    files = {
        str(entry["path"]): _content(entry)
        for entry in _list(document, "write_files")
        if isinstance(entry, dict) and "path" in entry
    }
    lines = [
        shlex.join(map(str, entry)) if isinstance(entry, list) else str(entry)
        for key in ("bootcmd", "runcmd")
        for entry in _list(document, key)
    ]
    run = _shell("\n".join(lines), {})
    return _with_called_scripts(script.joined(Script(run.commands, {**files, **run.files}, run.variables)))


def _list(document: Mapping[Any, Any], key: str) -> Iterable[Any]:
    value = document.get(key)
    return value if isinstance(value, list) else ()


def _content(entry: Mapping[Any, Any]) -> str:
    content = str(entry.get("content", ""))
    if str(entry.get("encoding", "")).lower() not in {"b64", "base64"}:
        return content
    try:
        return base64.b64decode(content).decode(errors="replace")
    except binascii.Error:
        return ""
