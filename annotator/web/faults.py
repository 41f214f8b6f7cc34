"""What is wrong in a form that was sent: named beside its button, and pointed at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.utils.text import capfirst


@dataclass(frozen=True, slots=True)
class Fault:
    """One field with an error; its id is where a link goes."""

    label: str
    anchor: str


def point_at(*sent: forms.BaseForm) -> Sequence[Fault]:
    """The fields with errors, in the order of the page.

    The first one gets the focus, and with it the view, with a script or without.
    """
    wrong = [field for form in sent for field in form if field.errors]
    if wrong:
        wrong[0].field.widget.attrs["autofocus"] = True
    return [
        Fault(label=capfirst(str(field.label)), anchor=field.id_for_label)
        for field in wrong
    ]
