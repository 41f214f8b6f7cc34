"""The rubric's part of a submit."""

from __future__ import annotations

from django.http import QueryDict
from django.utils.translation import gettext

from annotator.domain import rubric
from annotator.domain.errors import Invalid
from annotator.services import reviewing
from annotator.web.rubric import MOMENT_NAMES, SIDE_NAMES


class MarksForm:
    """The rubric's part of a submit: tags, and a score a side and moment."""

    def __init__(self, data: QueryDict) -> None:
        self.data = data

    def marks(self) -> reviewing.Marks:
        """Invalid names a score that is no whole number."""
        scores = {}
        for side in rubric.SIDES:
            for moment in rubric.MOMENTS:
                if typed := self.data.get(f"score.{side}.{moment}", "").strip():
                    scores[side, moment] = self._score(side, moment, typed)
        return reviewing.Marks(tuple(self.data.getlist("tag")), scores)

    def _score(self, side: str, moment: str, typed: str) -> int:
        try:
            return int(typed)
        except ValueError:
            raise Invalid(
                gettext("%(side)s, %(moment)s: the score %(typed)r is no whole number.")
                % {
                    "side": SIDE_NAMES[side],
                    "moment": MOMENT_NAMES[moment],
                    "typed": typed,
                }
            ) from None
