"""Checks of what ships with a release or lies on the machine: files, time zones, holidays."""

import zoneinfo
from pathlib import Path

import tzdata
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils import timezone

from cs_platform.doctor.findings import Finding, and_more, ok, warning, wrong
from regions.hours import UnknownZone, load_zone
from regions.library import load_library
from regions.public_holidays import holiday_years

LEAST_HOLIDAY_YEARS = 3
COLLECT = "Run manage.py collectstatic --noinput with this release."


def static_files() -> Finding:
    """Check that styles and scripts of this release are where they are served from."""
    collected: dict[str, str] | None = getattr(staticfiles_storage, "hashed_files", None)
    if collected is None:
        return ok("Static files are served from where they lie.")
    if not collected:
        return wrong(f"No static files were collected in {settings.STATIC_ROOT}.", COLLECT)
    released = {path for finder in get_finders() for path, _ in finder.list(ignore_patterns=[])}
    if lacking := released - collected.keys():
        return wrong(f"Static files are older than this release: {and_more(lacking)}.", COLLECT)
    gone = [path for path in collected.values() if not staticfiles_storage.exists(path)]
    if gone:
        return wrong(f"Collected files are missing: {and_more(gone)}.", COLLECT)
    return ok(f"{len(collected)} static files are collected in {settings.STATIC_ROOT}.")


def time_zones() -> Finding:
    """Check that zones are known, by data as new as what this release brings."""
    unknown = []
    for market in load_library().values():
        try:
            load_zone(market.time_zone)
        except UnknownZone:
            unknown.append(market.time_zone)
    if unknown:
        return wrong(
            f"Time zones are unknown: {and_more(unknown)}.",
            "Install the tzdata of requirements.txt.",
        )
    in_force = _zone_data_in_force()
    if in_force < tzdata.IANA_VERSION:
        return warning(
            f"Time zones are those of {in_force}; this release brings {tzdata.IANA_VERSION}.",
            "Set PYTHONTZPATH to nothing, so that the release's own are used, or upgrade tzdata.",
        )
    return ok(f"Time zones are those of {in_force}.")


def holidays() -> Finding:
    """Check for how many years holidays are known."""
    today = timezone.now().date()
    library = load_library()
    last = {code: holiday_years(market.country)[-1] for code, market in library.items()}
    left = min(last.values()) - today.year
    if left < LEAST_HOLIDAY_YEARS:
        ending = [code for code, year in last.items() if year == min(last.values())]
        return wrong(
            f"Holidays of {and_more(ending)} are known for {left} more years only.",
            "Upgrade to a newer release.",
        )
    estimated = [
        code
        for code, market in library.items()
        if market.confirmed_through and market.confirmed_through < today
    ]
    if estimated:
        return warning(
            f"Lunar holidays of {and_more(estimated)} are estimates by now.",
            "Upgrade to a newer release, which brings the dates announced since.",
        )
    return ok(f"Holidays are known for {left} more years.")


def _zone_data_in_force() -> str:
    """Return the version of the zone data that Python finds first, like 2026a."""
    for folder in zoneinfo.TZPATH:
        table = Path(folder) / "tzdata.zi"
        if table.exists():
            with table.open(encoding="ascii", errors="replace") as lines:
                return lines.readline().removeprefix("# version").strip()
        if (Path(folder) / "UTC").exists():
            return "an unknown year"
    return str(tzdata.IANA_VERSION)
