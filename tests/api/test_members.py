"""Members, their keys, and the audit trail."""

import pytest
from rest_framework.test import APIClient

from outbox.models import Letter
from tenants import services
from tests import factories
from tests.conftest import Cast, signed_in


@pytest.fixture
def admin(cast: Cast) -> APIClient:
    return signed_in(cast.admin)


class TestMembers:
    def test_are_invited_by_admins(self, cast: Cast, admin: APIClient) -> None:
        body = {"email": "Noor@Alder.example", "name": "Noor", "role": "csm"}
        answer = admin.post("/api/v1/members/", body)
        assert answer.status_code == 201
        assert answer.json() == {
            "id": answer.json()["id"],
            "version": 1,
            "email": "noor@alder.example",
            "name": "Noor",
            "role": "csm",
            "is_active": True,
            "joined": False,
            "invited_at": answer.json()["invited_at"],
        }
        assert answer.json()["invited_at"]
        with cast.acting():
            assert Letter.objects.get().to == "noor@alder.example"
        again = admin.post("/api/v1/members/", body)
        assert (again.status_code, again.json()["code"]) == (409, "AlreadyMember")

    def test_who_are_known_elsewhere_are_answered_for_like_others(
        self, cast: Cast, outsiders: Cast, admin: APIClient
    ) -> None:
        answers = [
            admin.post("/api/v1/members/", {"email": email, "name": "Noor", "role": "csm"})
            for email in ("csm@birch.example", "nobody@birch.example")
        ]
        assert [answer.status_code for answer in answers] == [201, 201]
        own = ("id", "email", "invited_at")
        known, unknown = (
            {name: value for name, value in answer.json().items() if name not in own}
            for answer in answers
        )
        assert known == unknown

    @pytest.mark.parametrize(
        ("who", "role", "status"),
        [
            ("admin", "admin", 201),
            ("leader", "csm", 201),
            ("leader", "analyst", 201),
            ("leader", "regional_manager", 403),
            ("leader", "leader", 403),
            ("leader", "admin", 403),
            ("manager", "csm", 403),
            ("csm", "csm", 403),
            ("analyst", "analyst", 403),
        ],
    )
    def test_are_invited_by_who_may_give_their_role(
        self, cast: Cast, who: str, role: str, status: int
    ) -> None:
        body = {"email": "noor@alder.example", "name": "Noor", "role": role}
        client = signed_in(getattr(cast, who))
        assert client.post("/api/v1/members/", body).status_code == status

    def test_change_nothing_about_each_other_by_a_leaders_hand(self, cast: Cast) -> None:
        address = f"/api/v1/members/{cast.csm.pk}/"
        assert signed_in(cast.leader).patch(address, {"role": "analyst"}).status_code == 403

    def test_are_invited_again_and_not_at_all(self, cast: Cast, admin: APIClient) -> None:
        with cast.acting():
            prepared = services.prepare_members([services.Person("lee@alder.example")])
        member = f"/api/v1/members/{prepared['lee@alder.example'].pk}/"
        assert admin.get(member).json()["invited_at"] is None
        invited = admin.post(f"{member}invite/", {"language": "ja"})
        assert invited.status_code == 200
        assert invited.json()["invited_at"]
        with cast.acting():
            assert Letter.objects.get().language == "ja"
        withdrawn = admin.post(f"{member}withdraw-invitation/")
        assert (withdrawn.status_code, withdrawn.json()["invited_at"]) == (200, None)
        again = admin.post(f"{member}withdraw-invitation/")
        assert (again.status_code, again.json()["code"]) == (409, "NoInvitation")

    def test_who_have_joined_are_not_invited(self, cast: Cast, admin: APIClient) -> None:
        answer = admin.post(f"/api/v1/members/{cast.csm.pk}/invite/")
        assert (answer.status_code, answer.json()["code"]) == (409, "AlreadyJoined")

    def test_lose_their_invitation_when_they_become_inactive(self, admin: APIClient) -> None:
        body = {"email": "noor@alder.example", "name": "Noor", "role": "csm"}
        member = f"/api/v1/members/{admin.post('/api/v1/members/', body).json()['id']}/"
        assert admin.patch(member, {"is_active": False}).json()["invited_at"] is None
        assert admin.patch(member, {"is_active": True}).json()["invited_at"] is None

    def test_change_role(self, cast: Cast, admin: APIClient) -> None:
        answer = admin.patch(f"/api/v1/members/{cast.csm.pk}/", {"role": "leader"})
        assert (answer.status_code, answer.json()["role"]) == (200, "leader")

    def test_cannot_sign_in_once_inactive(self, cast: Cast, admin: APIClient) -> None:
        csm = signed_in(cast.csm)
        assert csm.get("/api/v1/tasks/").status_code == 200
        admin.patch(f"/api/v1/members/{cast.csm.pk}/", {"is_active": False})
        assert csm.get("/api/v1/tasks/").status_code == 401

    @pytest.mark.parametrize("change", [{"role": "leader"}, {"is_active": False}])
    def test_keep_one_admin(self, cast: Cast, admin: APIClient, change: dict[str, object]) -> None:
        last = f"/api/v1/members/{cast.admin.pk}/"
        answer = admin.patch(last, change)
        assert (answer.status_code, answer.json()["code"]) == (409, "LastAdmin")
        admin.patch(f"/api/v1/members/{cast.leader.pk}/", {"role": "admin"})
        assert admin.patch(last, change).status_code == 200

    def test_keep_their_address_and_name(self, cast: Cast, admin: APIClient) -> None:
        """The user may belong to other organizations, too."""
        answer = admin.patch(f"/api/v1/members/{cast.csm.pk}/", {"name": "Other"})
        assert answer.status_code == 400


class TestKeys:
    def test_show_their_text_once_and_act_as_the_member(self, cast: Cast, admin: APIClient) -> None:
        body = {"name": "CRM", "scope": "write", "membership": str(cast.leader.pk)}
        created = admin.post("/api/v1/api-keys/", body)
        assert created.status_code == 201
        text = created.json()["key"]
        read = admin.get(f"/api/v1/api-keys/{created.json()['id']}/")
        assert text not in read.content.decode()
        program = APIClient(headers={"Authorization": f"Bearer {text}"})
        region = program.post("/api/v1/regions/", {"code": "emea", "name": "EMEA"}).json()
        entries = admin.get("/api/v1/audit-entries/", {"row": region["id"]}).json()["results"]
        assert [entry["actor"] for entry in entries] == [str(cast.leader.pk)]

    def test_are_ones_own_unless_said_otherwise(self, cast: Cast, admin: APIClient) -> None:
        created = admin.post("/api/v1/api-keys/", {"name": "BI", "scope": "read"}).json()
        assert created["membership"] == str(cast.admin.pk)

    def test_stop_working_when_deleted(self, admin: APIClient) -> None:
        created = admin.post("/api/v1/api-keys/", {"name": "BI", "scope": "read"}).json()
        program = APIClient(headers={"Authorization": f"Bearer {created['key']}"})
        assert program.get("/api/v1/regions/").status_code == 200
        assert admin.delete(f"/api/v1/api-keys/{created['id']}/").status_code == 204
        assert program.get("/api/v1/regions/").status_code == 401
        revoked = admin.get("/api/v1/api-keys/", {"revoked": "true"}).json()["results"]
        assert [key["id"] for key in revoked] == [created["id"]]

    def test_are_seen_by_admins_only(self, cast: Cast) -> None:
        assert signed_in(cast.leader).get("/api/v1/api-keys/").status_code == 403


class TestTheAuditTrail:
    def test_is_read_by_admins_and_leaders_only(self, cast: Cast) -> None:
        readers = (cast.admin, cast.leader, cast.manager, cast.csm, cast.analyst)
        statuses = [signed_in(who).get("/api/v1/audit-entries/").status_code for who in readers]
        assert statuses == [200, 200, 403, 403, 403]

    def test_begins_with_the_newest(self, cast: Cast, admin: APIClient) -> None:
        with cast.acting():
            factories.region()
            latest = factories.region()
        first = admin.get("/api/v1/audit-entries/?page_size=1").json()["results"][0]
        assert first["row"] == str(latest.pk)

    def test_is_filtered_by_table_action_actor_and_time(self, cast: Cast, admin: APIClient) -> None:
        with cast.acting(cast.leader):
            region = factories.region()
        query = {
            "table": "regions_region",
            "action": "insert",
            "actor": str(cast.leader.pk),
            "from": "2020-01-01T00:00:00Z",
        }
        found = admin.get("/api/v1/audit-entries/", query).json()["results"]
        assert [entry["row"] for entry in found] == [str(region.pk)]
        query["to"] = query["from"]
        assert admin.get("/api/v1/audit-entries/", query).json()["results"] == []

    def test_takes_no_writes(self, admin: APIClient) -> None:
        assert admin.post("/api/v1/audit-entries/", {}).status_code == 405
