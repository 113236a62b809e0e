"""Root URLs; the probes stand before them, in ``cs_platform.health``."""

from django.urls import include, path

from cs_platform import errors
from tenants.admin import site

urlpatterns = [
    path("api/", include("cs_platform.api")),
    path("admin/", site.urls),
    path("", include("workspace.urls")),
]

handler400 = errors.bad_request
handler500 = errors.server_error
