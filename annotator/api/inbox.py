"""The inbox: what the page shows, for whoever asks."""

from __future__ import annotations

from dataclasses import asdict

from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.views import ApiRequest
from annotator.domain.errors import Invalid
from annotator.selectors import inbox
from annotator.selectors.inbox import Wanted
from annotator.services import notice_words, telling

MOST = 2**62


class InboxView(APIView):
    """GET: a page of your notices, newest first; `kind`, `project`, `unread=1` narrow
    it, `before` goes on. POST: mark as read, `{"ids": [...]}` or `{"until": id}`."""

    def get(self, request: ApiRequest) -> Response:
        asked = request.query_params
        before = asked.get("before", "")
        if before and not (before.isdecimal() and int(before) < MOST):
            raise Invalid("before is the `next` of an earlier answer, a whole number.")
        wanted = Wanted(
            kind=asked.get("kind", "").replace("\0", ""),
            project=asked.get("project", "").replace("\0", ""),
            unread=asked.get("unread") == "1",
            before=int(before or 0),
        )
        page = inbox.page(request.user, wanted)
        rows = [asdict(one) for one in notice_words.told(request.user, page.notices)]
        return Response({"results": rows, "next": page.before or None})

    def post(self, request: ApiRequest) -> Response:
        asked = request.data if isinstance(request.data, dict) else {}
        ids, until = asked.get("ids"), asked.get("until")
        if isinstance(ids, list) and all(_is_id(each) for each in ids):
            telling.mark_read(request.user, ids)
        elif _is_id(until):
            telling.mark_all_read(request.user, until=until)
        else:
            raise Invalid("Send ids, a list of whole numbers, or until, one of them.")
        return Response({"unread": len(inbox.unread(request.user))})


def _is_id(given: object) -> bool:
    return isinstance(given, int) and 0 < given < MOST
