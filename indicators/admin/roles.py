"""Roles at the desk: groups of fixed names, whose permissions are laid anew after every migration."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connections, models

from ..models import REFERENCE_MODELS, Release

VIEWER, EDITOR, PUBLISHER = "viewer", "editor", "publisher"
PUBLISH = "publish_release"


def permissions_of(role: str) -> set[str]:
    """Code names of what a role may: each may all that the one before it may."""
    allowed = {f"view_{model._meta.model_name}" for model in (*REFERENCE_MODELS, Release)}
    if role in (EDITOR, PUBLISHER):
        allowed |= {
            f"{act}_{model._meta.model_name}" for model in REFERENCE_MODELS for act in ("add", "change", "delete")
        }
    return allowed | {PUBLISH} if role == PUBLISHER else allowed


def lay_roles(sender: Any, using: str, **_: Any) -> None:
    """Receiver of `post_migrate`; nothing to do while the tables of users do not exist yet."""
    needed: tuple[type[models.Model], ...] = (Group, Permission, ContentType)
    if not {model._meta.db_table for model in needed} <= set(connections[using].introspection.table_names()):
        return
    create_permissions(sender, using=using, verbosity=0)
    own = Permission.objects.using(using).filter(content_type__app_label=sender.label)
    for role in (VIEWER, EDITOR, PUBLISHER):
        group, _created = Group.objects.using(using).get_or_create(name=role)
        group.permissions.set(own.filter(codename__in=permissions_of(role)))
