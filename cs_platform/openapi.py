"""What the API's document shows as examples: the words that its fields usually hold."""

from collections.abc import Sequence
from typing import Any

from toolkit.api.examples import ExampleMaker

WORDS: dict[str, Sequence[Any]] = {
    "account_name": ("Sakura Foods",),
    "benefit": ("Open questions are answered before they become problems.",),
    "city": ("Osaka",),
    "closes": (1080,),
    "code": ("apac", "JP"),
    "country": ("JP",),
    "currency": ("JPY",),
    "decides": ("The head of operations, after asking the plant managers.",),
    "detail": ("There is a region with this code.",),
    "duration_minutes": (30,),
    "escalation": ("The branch manager, by phone.",),
    "external_id": ("CRM-4711",),
    "field": ("kind", "offset"),
    "goal": ("The customer works with the product, and knows whom to ask.",),
    "gone_dark_after_days": (30,),
    "hours_from": (600,),
    "hours_to": (1020,),
    "instructions": ("Read the hand-over, and ask what is missing.",),
    "key": ("onboarding", "kickoff"),
    "kind": ("working_day", "owner_role"),
    "language": ("ja-JP",),
    "languages": ("ja-JP",),
    "library_code": ("JP",),
    "local_time": ("05:00:00",),
    "digest_at": ("07:30:00",),
    "summary_at": ["08:00:00"],
    "market_code": ("JP",),
    "market_name": ("Japan",),
    "name": ("Sakura Foods",),
    "note": ("All is well.",),
    "offset": (10,),
    "opens": (540,),
    "owner_name": ("Ana Lima",),
    "phone": ("+81 6 0000 0000",),
    "phrase": ("We will consider it.",),
    "playbook_key": ("onboarding",),
    "prefix": ("csp_Yq3w",),
    "reason": ("A visit comes before a call.",),
    "reported_year": (2024,),
    "role": ("Head of operations",),
    "slug": ("acme",),
    "status": (200,),
    "step": ("kickoff",),
    "table": ("accounts_account",),
    "time_zone": ("Asia/Tokyo",),
    "title": ("Monthly call",),
    "version": (3,),
    "weekday": (1,),
    "weekdays": (1,),
}


def add_examples(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Give every body and answer of the document an example."""
    ExampleMaker(result, WORDS).add_examples()
    return result
