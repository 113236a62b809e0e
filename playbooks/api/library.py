"""The API of the playbooks that ship with the product, which nobody changes."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.choices import MOTIONS
from playbooks import services
from playbooks.api.versions import WholeVersionSerializer
from playbooks.services import NotInLibrary
from regions.access import Place, WorksThere
from tenants.permissions import Right, member_of
from toolkit.api.preconditions import etag
from toolkit.api.serializers import StrictSerializer
from toolkit.api.views import StrictViewSet

KEY = OpenApiParameter("key", str, OpenApiParameter.PATH)


class LibraryPlaybookSerializer(serializers.Serializer[Any]):
    """A shipped playbook, at a glance."""

    key = serializers.CharField()
    name = serializers.CharField()
    motion = serializers.ChoiceField(MOTIONS)
    goal = serializers.CharField()
    steps = serializers.IntegerField(help_text=_("How many steps it has."))
    markets = serializers.ListField(
        child=serializers.CharField(), help_text=_("The codes of the markets it is localized for.")
    )
    is_adopted = serializers.BooleanField(help_text=_("Whether you have a playbook of this key."))


class LibraryPlaybookViewSet(StrictViewSet, viewsets.ViewSet):
    """The playbooks that can be adopted; few, so they come on one page."""

    lookup_field = "key"
    lookup_value_regex = "[^/]+"
    permission_classes = [WorksThere]
    write_right = Right.EDIT_STRUCTURE

    @staticmethod
    def place_of(_nothing: None) -> Place:
        """Return the whole organization: a playbook is for all of it."""
        return None

    @extend_schema(responses=LibraryPlaybookSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Return all shipped playbooks, by key."""
        return Response(LibraryPlaybookSerializer(services.library_playbooks(), many=True).data)

    @extend_schema(parameters=[KEY], responses=LibraryPlaybookSerializer)
    def retrieve(self, request: Request, key: str) -> Response:
        """Return one shipped playbook."""
        found = next((each for each in services.library_playbooks() if each.key == key), None)
        if found is None:
            raise Http404
        return Response(LibraryPlaybookSerializer(found).data)

    @extend_schema(parameters=[KEY], request=None, responses={201: WholeVersionSerializer})
    @action(detail=True, methods=["post"])
    def adopt(self, request: Request, key: str) -> Response:
        """Copy a shipped playbook into the organization as a draft, to be edited there.

        Its localizations come along for the markets that you have, and the roles that it names.
        """
        self.check_object_permissions(request, None)
        StrictSerializer(data=request.data).is_valid(raise_exception=True)
        try:
            version = services.adopt_library_playbook(key, by=member_of(request), at=timezone.now())
        except NotInLibrary as error:
            raise Http404 from error
        headers = {"ETag": etag(version.version)}
        return Response(WholeVersionSerializer(version).data, status=201, headers=headers)
