"""The portal as Django knows it."""

from django.apps import AppConfig


class Portal(AppConfig):
    """One app: everything is in it."""

    name = "harness.portal"
    label = "portal"
    verbose_name = "sign-off portal"
