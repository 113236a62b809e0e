"""What no document describes: bytes, headers and addresses that are broken, or merely odd."""

import json
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from tests.fuzz.weaving import Sent

Damage = Callable[[Sent, Random], Sent]

ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    2**31,
    2**63,
    10**30,
    1e300,
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "x" * 10_000,
    "٢٠٢٦",
    "0000-01-01",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "-0001-01-01",
    "2026-02-30",
    "2026-03-02T25:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-23:59",
    "2026-01-01T00:00:00+23:55",
    "24:00",
    "NaN",
    "Infinity",
    "localtime",
    "Factory",
    "Europe/../Paris",
    "Etc/GMT+99",
    "zz-ZZ",
    "<script>",
    "=1+1",
    [],
    [None],
    [[["x"]]],
    {},
    {"id": {"id": 1}},
)

RAW_BODIES = (
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"1",
    b"{",
    b'{"a": 1, "a": 2}',
    b'{"a": NaN}',
    b'{"a": 1e999}',
    b'{"a": ' + b"9" * 5_000 + b"}",
    b"[" * 5_000,
    b'{"a":' * 100 + b"1" + b"}" * 100,
    b'{"\\u0000": 1}',
    b'{"\\udfff": 1}',
    b"\xff\xfe{\x00}\x00",
    b"\xef\xbb\xbf{}",
    b"a=1&b=2",
)

ODD_HEADERS: dict[str, tuple[str, ...]] = {
    "Authorization": (
        "",
        "Bearer",
        "Bearer ",
        "Bearer csp_\xff\xfe",
        "Bearer " + "x" * 8_000,
        "Bearer a b c",
        "Basic YTpi",
        "basic \xe9",
        "\x00",
    ),
    "Accept": ("", ";", "text/html", "*/*;q=nan", "application/json;version=x", ",,,", "\xff/\xfe"),
    "Accept-Language": ("xx-" * 200, "ar;q=x", "*", "\xff", "de;q=1e999"),
    "Accept-Encoding": ("identity;q=0", "\xff"),
    "Content-Type": (
        "",
        "text/plain",
        "application/json; charset=utf-16",
        "application/json; charset=nonsense",
        "application/json; charset=\xff",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=\xff",
        "application/merge-patch+json",
        "/",
        ";",
    ),
    # No number at all is refused by every web server before us.
    "Content-Length": ("", "0", "1", "999999999999999999999"),
    "If-Match": (
        "",
        "*",
        '"',
        '""',
        'W/"1"',
        '"1", "2"',
        "1",
        "\xff",
        '"' + "9" * 5_000 + '"',
        ",",
    ),
    "If-None-Match": ("", "*", '"', 'W/"1"', '"1"', "\xff"),
    "If-Modified-Since": ("", "yesterday", "Thu, 01 Jan 0000 00:00:00 GMT"),
    "Idempotency-Key": ("", " ", '"', "k", "x" * 5_000, "\xff\xfe", "a\tb", "\x7f", '"a"'),
    "X-Request-Id": ("", "x" * 5_000, "\xff", "a b"),
    "X-Correlation-Id": ("", "x" * 5_000, "\xff"),
    "X-Forwarded-For": ("", "nobody", "::1, \xff"),
    "Cookie": ("sessionid=", "sessionid=\xff", "sessionid=" + "x" * 5_000, ";;;=", "csrftoken=x"),
    "Host": ("", "a b", "testserver:99999", "\xff", "[::1", "evil.example"),
    "Range": ("bytes=0-1", "bytes=-"),
    "Prefer": ("return=minimal",),
    "X-Http-Method-Override": ("DELETE", "\xff"),
}

ODD_QUERIES = (
    "page_sise=1",
    "page_size=1&page_size=2",
    "page_size=" + "9" * 30,
    "page_size=%D9%A1",
    "cursor=%00",
    "cursor=WzFd:x",
    "cursor=" + "x" * 3_000,
    "ordering=id__in",
    "ordering=-",
    "ordering=--id",
    "format=json",
    "%00=%00",
    "%ff=%ff",
    "id=%ED%A0%80",
    "=",
    "&&&",
    "a;b",
    "%",
    "a[]=1",
    "?",
    "x=" + "y" * 5_000,
)

ODD_IDS = (
    "%00",
    "%ff",
    "%ED%A0%80",
    "%2e%2e",
    "..",
    "a%2Fb",
    "x" * 2_000,
    "-1",
    "0",
    "{00000000-0000-0000-0000-000000000000}",
    "urn:uuid:00000000-0000-0000-0000-000000000000",
    "00000000000000000000000000000000",
    "%D9%A2",
    "null",
    "%0A",
    "1%0D%0AX-Injected:%201",
)

OTHER_METHODS = ("OPTIONS", "HEAD", "TRACE", "PROPFIND", "LINK", "get", "PUT", "PATCH", "DELETE")


def damage(sent: Sent, dice: Random) -> Sent:
    """Return ``sent`` with one thing about it broken or odd."""
    return dice.choices(list(_KINDS), list(_KINDS.values()))[0](sent, dice)


def _again(sent: Sent, _dice: Random) -> Sent:
    return sent


def _odd_value(sent: Sent, dice: Random) -> Sent:
    """Put an odd value where there was another one, at any depth."""
    try:
        value = json.loads(sent.body)
    except ValueError:
        return _raw_body(sent, dice)
    if not isinstance(value, dict) or not value:
        return _raw_body(sent, dice)
    _replace_one(value, dice)
    return replace(sent, body=json.dumps(value).encode())


def _replace_one(value: dict[str, Any] | list[Any], dice: Random) -> None:
    places: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
    place = dice.choice(places)
    below = value[place]
    if isinstance(below, dict | list) and below and dice.random() < 0.8:
        _replace_one(below, dice)
    else:
        value[place] = dice.choice(ODD_VALUES)


def _raw_body(sent: Sent, dice: Random) -> Sent:
    headers = {"Content-Type": "application/json", **sent.headers}
    return replace(sent, headers=headers, body=dice.choice(RAW_BODIES))


def _broken_body(sent: Sent, dice: Random) -> Sent:
    """Cut the body, or change a byte of it."""
    if not sent.body:
        return _raw_body(sent, dice)
    place = dice.randrange(len(sent.body))
    inserted = dice.choice(
        (b"", b"\0", b"\xff", b'"', b",", b"}", b"\\ud800", b"\\u0000", b"e9999")
    )
    rest = b"" if not inserted else sent.body[place + dice.randint(0, 1) :]
    return replace(sent, body=sent.body[:place] + inserted + rest)


def _doubled_key(sent: Sent, dice: Random) -> Sent:
    if not sent.body.startswith(b"{") or b":" not in sent.body:
        return _raw_body(sent, dice)
    return replace(sent, body=sent.body.rstrip()[:-1] + b", " + sent.body.lstrip()[1:])


def _odd_header(sent: Sent, dice: Random) -> Sent:
    name = dice.choice(list(ODD_HEADERS))
    return replace(sent, headers={**sent.headers, name: dice.choice(ODD_HEADERS[name])})


def _odd_query(sent: Sent, dice: Random) -> Sent:
    mark = "&" if "?" in sent.path else "?"
    return replace(sent, path=f"{sent.path}{mark}{dice.choice(ODD_QUERIES)}")


def _odd_address(sent: Sent, dice: Random) -> Sent:
    path, _, query = sent.path.partition("?")
    steps = path.strip("/").split("/")
    match dice.randrange(4):
        case 0 if len(steps) > 3:
            steps[3] = dice.choice(ODD_IDS)
        case 1 if len(steps) > 3:
            steps[3] = dice.choice((str.upper, str.title))(steps[3])
        case 2:
            steps[-1] += dice.choice(("/", "%00", "%20", ".json", ";a=b", "//", "\\"))
        case _:
            return replace(sent, path=f"{path.rstrip('/')}{'?' if query else ''}{query}")
    return replace(sent, path=f"/{'/'.join(steps)}/{'?' if query else ''}{query}")


def _other_method(sent: Sent, dice: Random) -> Sent:
    return replace(sent, method=dice.choice(OTHER_METHODS))


_KINDS: dict[Damage, int] = {
    _again: 2,
    _odd_value: 5,
    _raw_body: 1,
    _broken_body: 2,
    _doubled_key: 1,
    _odd_header: 5,
    _odd_query: 2,
    _odd_address: 2,
    _other_method: 1,
}
