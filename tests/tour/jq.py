"""Stands in for ``jq -r`` where there is none: paths such as ``.results[0].id``."""

import json
import re
import sys


def main() -> None:
    """Print the value at a path of the JSON that comes in."""
    assert sys.argv[1] == "-r"
    value = json.load(sys.stdin)
    for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", sys.argv[2]):
        value = value[name] if name else value[int(index)]
    print(value if isinstance(value, str) else json.dumps(value))


if __name__ == "__main__":
    main()
