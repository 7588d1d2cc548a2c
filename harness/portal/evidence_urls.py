"""The evidence host has one path."""

from harness.portal.asking import Who, page
from harness.portal.views import evidence

urlpatterns = [page("e/<str:sha256>", evidence.evidence, Who.ANYONE, "evidence")]
handler400 = "harness.portal.views.evidence.nothing"
handler403 = "harness.portal.views.evidence.nothing"
handler404 = "harness.portal.views.evidence.nothing"
handler500 = "harness.portal.views.evidence.nothing"
