"""Actions on one object: asked first, then one service call."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django_htmx.http import HttpResponseClientRedirect
from unfold.decorators import action

from tenants.admin.forms import Refused, refusals

Method = Callable[..., Any]


def object_action(
    *,
    description: Any,
    question: Any,
    done: Any,
    icon: str,
    available: Callable[[Any], bool] = lambda _obj: True,
) -> Callable[[Method], Any]:
    """Make a method of an admin, which calls a service for one object, an action of its page.

    The button asks ``question`` and posts; ``done`` is said afterwards, a refusal instead.
    The button is shown for the objects that are ``available``. The method may return the object
    whose page comes next.
    """

    def decorate(method: Method) -> Any:
        @wraps(method)
        def run(admin: Any, request: HttpRequest, _form: Any, object_id: str) -> HttpResponse:
            obj = admin.get_object(request, object_id)
            if obj is None:
                return _to(request, admin.change_url(object_id))
            if not admin.has_action_permission(request, obj):
                raise PermissionDenied
            target = admin.change_url(obj.pk)
            try:
                with refusals():
                    target = method(admin, request, obj) or target
                admin.message_user(request, done, messages.SUCCESS)
            except Refused as refused:
                admin.message_user(request, refused.text, messages.ERROR)
            return _to(request, target)

        made = action(
            description=description,
            icon=icon,
            permissions=["action"],
            dialog={
                "title": description,
                "description": question,
                "form_class": None,
                "form_submit_text": description,
            },
        )(run)
        made.available = available
        return made

    return decorate


def list_action(*, description: Any, icon: str) -> Callable[[Method], Any]:
    """Make a method of an admin, which answers with a page, a button above its list.

    It is shown to who may add.
    """

    def decorate(method: Method) -> Any:
        return action(description=description, icon=icon, permissions=["add"])(method)

    return decorate


def asking_list_action(*, description: Any, question: Any, icon: str) -> Callable[[Method], Any]:
    """Make a method of an admin, which calls a service, a button above its list.

    The button asks ``question`` and posts; what the method returns is said afterwards, a refusal
    instead. It is shown to who may add.
    """

    def decorate(method: Method) -> Any:
        @wraps(method)
        def run(admin: Any, request: HttpRequest, _form: Any) -> HttpResponse:
            try:
                with refusals():
                    said = method(admin, request)
                admin.message_user(request, said, messages.SUCCESS)
            except Refused as refused:
                admin.message_user(request, refused.text, messages.ERROR)
            return _to(request, admin.list_url())

        return action(
            description=description,
            icon=icon,
            permissions=["add"],
            dialog={
                "title": description,
                "description": question,
                "form_class": None,
                "form_submit_text": description,
            },
        )(run)

    return decorate


def _to(request: HttpRequest, url: str) -> HttpResponse:
    """Go on to ``url``, from a dialog or from a plain page."""
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)
