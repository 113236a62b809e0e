#!/usr/bin/env python3
"""Run a management command of the platform."""

import os
import sys

from django.core.management import execute_from_command_line
from environs import EnvError

from cs_platform.doctor.first_aid import first_aid
from cs_platform.embedded import data_directory, running_environment


def main() -> None:
    """Run the command; beside a running ``make run`` it uses the same servers."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cs_platform.settings.dev")
    if "DATABASE_URL" not in os.environ:
        os.environ.update(running_environment(data_directory()))
    if sys.argv[1:2] == ["doctor"]:
        first_aid(sys.argv, os.environ)
    try:
        execute_from_command_line(sys.argv)
    except EnvError as error:
        sys.exit(
            f"{error}: start the platform first (make run, with the same DATA_DIR), or set the"
            " variables that docs/deployment.md lists."
        )


if __name__ == "__main__":
    main()
