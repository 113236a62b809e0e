"""The API of mails in copy: what became of each."""

from django_filters import ChoiceFilter
from rest_framework import serializers

from engagement.choices import MailResult
from engagement.models import IncomingMail
from toolkit.api.filters import FilterSet, IdFilter
from toolkit.api.serializers import StrictModelSerializer
from toolkit.api.views import ReadViewSet


class IncomingMailSerializer(StrictModelSerializer[IncomingMail]):
    """A mail in copy to an account's address: its headers, never its body."""

    account_name = serializers.CharField(source="account.name", read_only=True)
    market = serializers.UUIDField(source="account.market_id", read_only=True)

    class Meta:
        model = IncomingMail
        fields = (
            "id",
            "account",
            "account_name",
            "market",
            "message_id",
            "sender",
            "subject",
            "sent_at",
            "received_at",
            "result",
            "reason",
            "meeting",
        )


class IncomingMailFilterSet(FilterSet):
    """Filters of mails in copy."""

    account = IdFilter()
    market = IdFilter("account__market")
    result = ChoiceFilter(choices=MailResult.choices)


class IncomingMailViewSet(ReadViewSet[IncomingMail]):
    """Mails in copy to the addresses of accounts, and what became of each; the newest first."""

    queryset = IncomingMail.objects.select_related("account")
    serializer_class = IncomingMailSerializer
    filterset_class = IncomingMailFilterSet
    orderings = ("-id",)
