from __future__ import annotations

from django.conf import settings
from django.db import models

from annotator.models.pairs import Pair


class Comment(models.Model):
    """What a person has to say about a pair, to whoever works on it."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, related_name="replies"
    )
    """The comment that began the thread; empty for that one itself."""
    field = models.CharField(max_length=12, blank=True, db_default="")
    """The field of the pair that a thread is about; empty: the whole pair."""
    quote = models.TextField(blank=True, db_default="")
    """The passage that was selected, as it stood."""
    deed = models.UUIDField(null=True)
    """The token of the form it was sent with: sent twice, it is said once."""
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="only_a_thread_has_a_place_and_an_end",
                condition=models.Q(parent=None)
                | models.Q(field="", quote="", resolved_at=None),
            ),
            models.UniqueConstraint(
                fields=["author", "deed"], name="a_comment_once_a_deed"
            ),
        ]

    def __str__(self) -> str:
        return self.body[:80]


class Mention(models.Model):
    """A person named by @name in a comment."""

    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="mentions"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mentions"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "person"], name="one_mention_a_person_a_comment"
            )
        ]

    def __str__(self) -> str:
        return f"@{self.person} in {self.comment_id}"
