"""Where webhooks may lead: known answers, and the ways around them that people try."""

import ipaddress
import socket
from typing import Any

import pytest

from outbox.addresses import BadTarget, PrivateTarget, is_public, resolve, target_of


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"]
)
def test_the_public_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "fec0::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1"),
        *("2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1"),
    ],
)
def test_whatever_lies_behind_walls_is_not(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com/", "ftp://example.com/", "https:///x", "https://", "", "example.com"),
        *("https://user:secret@example.com/", "https://example.com/#part", "https://[::1"),
        *("https://example.com:0/", "https://example.com:99999/", "https://example.com:x/"),
        *("https://127.0.0.1/", "https://[::1]/", "https://localhost/", "https://LOCALHOST:8443/"),
        *("https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest", "https://[fe80::1%25e]/"),
    ],
)
def test_nothing_is_sent_to(url: str) -> None:
    with pytest.raises(BadTarget):
        target_of(url)


def test_a_url_is_taken_apart() -> None:
    target = target_of("https://Bücher.example:8443/a b?q=é")
    assert (target.host, target.port) == ("xn--bcher-kva.example", 8443)
    assert target.path == "/a%20b?q=%C3%A9"
    assert target.host_header == "xn--bcher-kva.example:8443"
    assert target_of("https://example.com").host_header == "example.com"
    assert target_of("https://[2606:4700::1]:444/").host_header == "[2606:4700::1]:444"


@pytest.mark.parametrize(
    "found", [["10.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["93.184.216.34", "::1"]]
)
def test_a_name_that_leads_behind_walls_is_refused(
    found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def known(_host: str, port: int, **_: Any) -> list[Any]:
        return [(0, 0, 0, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", known)
    with pytest.raises(PrivateTarget):
        resolve(target_of("https://hooks.example/"))


# Other spellings of 127.0.0.1, as the system's resolver reads them.
@pytest.mark.parametrize("host", ["2130706433", "127.1", "0x7f.1", "017700000001", "0"])
def test_other_spellings_of_this_machine_are_refused(host: str) -> None:
    with pytest.raises(PrivateTarget):
        resolve(target_of(f"https://{host}/"))
