"""Django's admin for accounts and memberships; workflow rows are not edited by hand."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from annotator.models import Membership, User

admin.site.register(User, UserAdmin)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ("user", "project", "role")
    list_filter = ("project", "role")
