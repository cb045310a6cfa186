"""`hashicorp/random`: values that are made once and kept in the state."""

import base64
import random
import secrets
import string
import uuid
from collections.abc import Mapping
from typing import Any, Final

from sandbox.provider.codec import Values
from sandbox.provider.local import Argument, LocalType

_SPECIAL: Final = "!@#$%&*()-_=+[]{}<>:?"
_ADVERBS = [
    "actually",
    "badly",
    "blindly",
    "briefly",
    "calmly",
    "daily",
    "deeply",
    "easily",
    "evenly",
    "fairly",
    "firmly",
    "gently",
    "gladly",
    "kindly",
]
_ADJECTIVES = [
    "able",
    "amused",
    "boss",
    "brave",
    "calm",
    "clever",
    "eager",
    "fair",
    "firm",
    "fluent",
    "gentle",
    "glad",
    "happy",
    "humble",
    "keen",
    "live",
]
_NAMES = [
    "ant",
    "bass",
    "bear",
    "bird",
    "bison",
    "cat",
    "cobra",
    "cod",
    "crab",
    "deer",
    "dodo",
    "dog",
    "dove",
    "duck",
    "eagle",
    "eel",
    "elk",
    "emu",
    "fish",
    "fox",
]
_KEEPERS = Argument(["map", "string"], "of")


def _arguments(**own: Argument) -> Mapping[str, Argument]:
    return {"keepers": _KEEPERS, "id": Argument("string", "c"), **own}


def _text_arguments(sensitive: str) -> Mapping[str, Argument]:
    return _arguments(
        length=Argument("number", "rf", limits="int:1.."),
        special=Argument("bool", "of", default=True),
        upper=Argument("bool", "of", default=True),
        lower=Argument("bool", "of", default=True),
        number=Argument("bool", "ocf"),
        numeric=Argument("bool", "ocf"),
        min_numeric=Argument("number", "of", default=0),
        min_upper=Argument("number", "of", default=0),
        min_lower=Argument("number", "of", default=0),
        min_special=Argument("number", "of", default=0),
        override_special=Argument("string", "of"),
        result=Argument("string", "c" + sensitive),
    )


def _make_text(values: Values) -> str:
    numeric = next((values[key] for key in ("numeric", "number") if values.get(key) is not None), True)
    values["numeric"] = values["number"] = numeric
    classes = {
        "upper": string.ascii_uppercase if values["upper"] else "",
        "lower": string.ascii_lowercase if values["lower"] else "",
        "numeric": string.digits if numeric else "",
        "special": (values.get("override_special") or _SPECIAL) if values["special"] else "",
    }
    letters = [
        secrets.choice(alphabet)
        for name, alphabet in classes.items()
        for _ in range(int(values.get(f"min_{name}") or 0))
        if alphabet
    ]
    everything = "".join(classes.values()) or string.ascii_letters
    letters += [secrets.choice(everything) for _ in range(int(values["length"]) - len(letters))]
    random.SystemRandom().shuffle(letters)
    return "".join(letters)


def _string(values: Values) -> None:
    values["id"] = values["result"] = _make_text(values)


def _password(values: Values) -> None:
    """Make a password; the bcrypt hash has the right form, and no library here to be the right one."""
    values["result"] = _make_text(values)
    values["id"] = "none"
    letters = "./" + string.ascii_letters + string.digits
    values["bcrypt_hash"] = "$2a$10$" + "".join(secrets.choice(letters) for _ in range(53))


def _id(values: Values) -> None:
    content = secrets.token_bytes(int(values["byte_length"]))
    prefix = values.get("prefix") or ""
    url = base64.urlsafe_b64encode(content).decode().rstrip("=")
    values |= {
        "id": url,
        "b64_url": prefix + url,
        "b64_std": prefix + base64.b64encode(content).decode(),
        "hex": prefix + content.hex(),
        "dec": prefix + str(int.from_bytes(content, "big")),
    }


def _pet(values: Values) -> None:
    length = int(values["length"])
    words = [secrets.choice(_ADVERBS) for _ in range(length - 2)]
    words += [secrets.choice(_ADJECTIVES)] if length > 1 else []
    words.append(secrets.choice(_NAMES))
    if values.get("prefix"):
        words.insert(0, values["prefix"])
    values["id"] = values["separator"].join(words)


def _source(values: Values) -> random.Random:
    """Return a generator that repeats itself for the same `seed`, as the provider's does."""
    return random.Random(values["seed"]) if values.get("seed") else random.SystemRandom()  # noqa: S311


def _integer(values: Values) -> None:
    values["result"] = _source(values).randint(int(values["min"]), int(values["max"]))
    values["id"] = str(values["result"])


def _shuffle(values: Values) -> None:
    pool: list[Any] = list(values["input"])
    wanted = values.get("result_count")
    count = len(pool) if wanted is None else int(wanted)
    source, result = _source(values), list[Any]()
    while pool and len(result) < count:
        result += source.sample(pool, len(pool))
    values |= {"id": "-", "result": result[:count]}


def _uuid(values: Values) -> None:
    values["id"] = values["result"] = str(uuid.uuid4())


def _bytes(values: Values) -> None:
    content = secrets.token_bytes(int(values["length"]))
    values |= {"id": "none", "hex": content.hex(), "base64": base64.b64encode(content).decode()}


RANDOM_TYPES: Final[Mapping[str, LocalType]] = {
    "random_id": LocalType(
        arguments=_arguments(
            byte_length=Argument("number", "rf", limits="int:1.."),
            prefix=Argument("string", "of"),
            **{name: Argument("string", "c") for name in ("b64_url", "b64_std", "hex", "dec")},
        ),
        make=_id,
    ),
    "random_string": LocalType(
        arguments=_text_arguments(""), make=_string, take_over=lambda text: {"id": text, "result": text}
    ),
    "random_password": LocalType(
        arguments={**_text_arguments("s"), "bcrypt_hash": Argument("string", "cs")},
        make=_password,
        take_over=lambda text: {"id": "none", "result": text, "length": len(text)},
    ),
    "random_pet": LocalType(
        arguments=_arguments(
            length=Argument("number", "of", default=2),
            prefix=Argument("string", "of"),
            separator=Argument("string", "of", default="-"),
        ),
        make=_pet,
    ),
    "random_integer": LocalType(
        arguments=_arguments(
            min=Argument("number", "rf"),
            max=Argument("number", "rf"),
            seed=Argument("string", "of"),
            result=Argument("number", "c"),
        ),
        make=_integer,
    ),
    "random_shuffle": LocalType(
        arguments=_arguments(
            input=Argument(["list", "string"], "rf"),
            result_count=Argument("number", "of"),
            seed=Argument("string", "of"),
            result=Argument(["list", "string"], "c"),
        ),
        make=_shuffle,
    ),
    "random_uuid": LocalType(
        arguments=_arguments(result=Argument("string", "c")),
        make=_uuid,
        take_over=lambda text: {"id": text, "result": text},
    ),
    "random_bytes": LocalType(
        arguments=_arguments(
            length=Argument("number", "rf", limits="int:1.."),
            hex=Argument("string", "cs"),
            base64=Argument("string", "cs"),
        ),
        make=_bytes,
    ),
}
