"""Parsed TOML into frozen dataclasses, strictly: nothing unknown, missing or converted."""

from dataclasses import MISSING, fields, is_dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin


class MaterialError(ValueError):
    """The demo data contradicts itself; the message names the file, the key and the reason."""


def require(condition: bool, reason: str) -> None:
    """Go on only if the condition holds.

    :raises MaterialError: if it does not.
    """
    if not condition:
        raise MaterialError(reason)


def decode(hint: Any, value: Any, where: str) -> Any:
    """Build a value of the type ``hint``; tables become dataclasses, lists tuples.

    :raises MaterialError: if the value does not fit; ``where`` begins the path in the message.
    """
    if is_dataclass(hint):
        return _decode_table(hint, value, where)
    origin, options = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return decode(options[0], value, where)
    if origin is Literal:
        require(value in options, f"{where}: {value!r} is none of {options}")
        return value
    if origin is tuple:
        require(isinstance(value, list), f"{where}: not a list")
        return tuple(
            decode(options[0], item, f"{where}[{place}]") for place, item in enumerate(value)
        )
    require(type(value) is hint, f"{where}: {value!r} is not {hint.__name__}")
    return value


def _decode_table(kind: Any, table: Any, where: str) -> Any:
    require(isinstance(table, dict), f"{where}: not a table")
    known = {field.name: field for field in fields(kind)}
    unknown = table.keys() - known.keys()
    require(not unknown, f"{where}: unknown {sorted(unknown)}")
    missing = {name for name, field in known.items() if field.default is MISSING} - table.keys()
    require(not missing, f"{where}: missing {sorted(missing)}")
    values = {key: decode(known[key].type, value, f"{where}.{key}") for key, value in table.items()}
    try:
        return kind(**values)
    except MaterialError as error:
        raise MaterialError(f"{where}: {error}") from error
