"""Stands in for curl where there is none: as much of it as the page needs."""

import argparse
import http.client
import sys
from urllib.parse import urlsplit


def main() -> None:
    """Send one request, and print the answer as curl does."""
    parser = argparse.ArgumentParser(prog="curl")
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-S", action="store_true")
    parser.add_argument("-i", action="store_true")
    parser.add_argument("-X", dest="method")
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("-d", dest="body")
    parser.add_argument("address")
    options = parser.parse_args()
    address = urlsplit(options.address)
    connection = http.client.HTTPConnection(address.netloc, timeout=60)
    connection.request(
        options.method or ("GET" if options.body is None else "POST"),
        address._replace(scheme="", netloc="").geturl(),
        options.body.encode() if options.body is not None else None,
        dict(header.split(": ", 1) for header in options.headers),
    )
    answer = connection.getresponse()
    if options.i:
        print(f"HTTP/1.1 {answer.status} {answer.reason}")
        for name, value in answer.getheaders():
            print(f"{name}: {value}")
        print()
    sys.stdout.flush()
    sys.stdout.buffer.write(answer.read())
    connection.close()


if __name__ == "__main__":
    main()
