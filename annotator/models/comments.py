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

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.body[:80]


class Mention(models.Model):
    """A person named by @name in a comment, until they have seen it."""

    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="mentions"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mentions"
    )
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "person"], name="one_mention_a_person_a_comment"
            )
        ]
        indexes = [
            # Serves "n mentions" on every page.
            models.Index(
                fields=["person"],
                name="mention_unseen",
                condition=models.Q(seen_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"@{self.person} in {self.comment_id}"
