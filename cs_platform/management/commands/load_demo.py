"""Load two demo organizations."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from cs_platform.demo.build import build
from tenants.choices import Role
from tenants.models import Membership, Organization
from tenants.services import SlugTaken

SHOWN_ROLES = (Role.CSM, Role.LEADER, Role.ADMIN)


class Command(BaseCommand):
    """Create both organizations or none, and say how to sign in."""

    help = "Load two demo organizations with 400 accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        """Build the demo with one new password for everybody in it."""
        password = f"demo-{secrets.token_hex(4)}"
        try:
            with transaction.atomic():
                members = build(now=timezone.now(), password=password, tell=self._tell)
        except SlugTaken as error:
            raise CommandError("The demo is there already.") from error
        text = "\n".join(_sign_ins(members, password))
        self.stdout.write(text)
        if data := os.environ.get("DATA_DIR"):
            _keep(Path(data) / "demo-sign-ins.txt", text)

    def _tell(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _sign_ins(members: Iterable[tuple[Organization, Membership]], password: str) -> list[str]:
    """Return one member of each role a demo starts with, per organization."""
    lines = [f"Password of everybody: {password}"]
    shown: set[tuple[str, str]] = set()
    for organization, member in members:
        place = (organization.slug, member.role)
        if member.role in SHOWN_ROLES and place not in shown:
            shown.add(place)
            lines.append(f"{member.email:42} {Role(member.role).label}, {organization.name}")
    return lines


def _keep(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text + "\n", encoding="utf-8")
