"""Run one command beside servers whose data is gone afterwards."""

import os
import subprocess
import sys

from cs_platform.embedded import ephemeral_servers


def main() -> int:
    """Run the command of the command line and return its exit code."""
    with ephemeral_servers() as servers:
        return subprocess.run(
            sys.argv[1:], env=os.environ | servers.environment, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
