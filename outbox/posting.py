"""One request, to an address that was looked up once and judged; nothing is followed or kept."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache

from outbox.addresses import Target, resolve

TIME_LIMIT = 15.0


class NoAnswer(Exception):
    """Nobody answered; says why."""


def post(
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    *,
    anywhere: bool = False,
    limit: float = TIME_LIMIT,
) -> int:
    """Send ``body`` and return the status of the answer, of which nothing else is read.

    :raises NoAnswer: if there is none within ``limit`` seconds, the look-up not counted.
    :raises PrivateTarget: if the host is not on the public internet.
    """
    try:
        addresses = resolve(target, anywhere=anywhere)
    except (OSError, UnicodeError) as error:
        raise NoAnswer(f"Nobody knows the host: {error}") from error
    ends = time.monotonic() + limit
    try:
        with _connected(addresses, target.port, ends) as raw, _hung_up_at(ends, raw):
            return _ask(_secured(raw, target), target, body, headers)
    except (OSError, http.client.HTTPException) as error:
        if time.monotonic() >= ends:
            raise NoAnswer(f"No answer within {limit:g} seconds.") from error
        raise NoAnswer(str(error) or type(error).__name__) from error


@contextmanager
def _connected(addresses: Sequence[str], port: int, ends: float) -> Iterator[socket.socket]:
    """Connect to the first address that answers."""
    failure: OSError = TimeoutError("timed out")
    for address in addresses:
        left = ends - time.monotonic()
        if left <= 0:
            break
        try:
            connection = socket.create_connection((address, port), timeout=left)
        except OSError as error:
            failure = error
            continue
        with connection:
            yield connection
        return
    raise failure


@contextmanager
def _hung_up_at(ends: float, connection: socket.socket) -> Iterator[None]:
    """Hang up at the end of the time, however slowly the other side goes on."""
    # A line of its own: securing the connection takes the first one over.
    line = connection.dup()
    timer = threading.Timer(max(ends - time.monotonic(), 0), _hang_up, [line])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        line.close()


def _hang_up(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # The other side was faster.


def _secured(connection: socket.socket, target: Target) -> socket.socket:
    """Speak TLS where the URL says so; the certificate is that of the name, not the address."""
    if target.scheme == "http":
        return connection
    return _tls().wrap_socket(connection, server_hostname=target.host)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _ask(connection: socket.socket, target: Target, body: bytes, headers: Mapping[str, str]) -> int:
    asking = http.client.HTTPConnection(target.host, target.port)
    # It connects to nothing of its own accord.
    asking.sock = connection
    try:
        asking.request("POST", target.path, body, {**headers, "Host": target.host_header})
        return asking.getresponse().status
    finally:
        asking.close()
