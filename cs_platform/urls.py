"""Root URLs."""

from django.urls import include, path

from cs_platform import health
from tenants.admin import site

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("api/", include("cs_platform.api")),
    path("admin/", site.urls),
    path("", include("workspace.urls")),
]
