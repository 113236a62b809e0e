"""Which letters members want."""

import pytest

from engagement.models import LetterPreference
from tests.architecture.rows import make_row
from tests.conftest import Cast, signed_in

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/letter-preferences/"


def test_are_all_unless_she_says_otherwise(cast: Cast) -> None:
    client = signed_in(cast.csm)
    answer = client.post(ADDRESS, {"membership": str(cast.csm.pk), "mentions": False})
    assert answer.status_code == 201
    made = answer.json()
    assert made == {
        "id": made["id"],
        "version": 1,
        "membership": str(cast.csm.pk),
        "digest": True,
        "digest_at": "07:30:00",
        "hand_overs": True,
        "mentions": False,
    }
    again = client.post(ADDRESS, {"membership": str(cast.csm.pk)})
    assert again.status_code == 400
    changed = client.patch(f"{ADDRESS}{made['id']}/", {"digest_at": "06:00"})
    assert changed.json()["digest_at"] == "06:00:00"
    assert changed.headers["ETag"] == '"2"'
    assert client.delete(f"{ADDRESS}{made['id']}/").status_code == 204


def test_of_others_are_for_who_leads(cast: Cast, outsiders: Cast) -> None:
    row = make_row(LetterPreference, cast)
    address = f"{ADDRESS}{row.pk}/"
    assert signed_in(cast.leader).patch(address, {"digest": False}).status_code == 200
    with cast.acting():
        LetterPreference.objects.filter(pk=row.pk).update(membership=cast.leader)
    assert signed_in(cast.csm).patch(address, {"digest": True}).status_code == 403
    assert signed_in(cast.csm).get(address).status_code == 200
    assert signed_in(outsiders.admin).get(address).status_code == 404
