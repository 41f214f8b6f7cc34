from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.domain.diffs import field_diffs
from annotator.domain.errors import WorkflowError
from annotator.models import Project, RuleRun
from annotator.selectors import rule_runs
from annotator.services import running_rules, trying_rules

SHOWN = 160


class Command(BaseCommand):
    help = "Run a project's rules over the pairs that nobody has touched."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="the project's short name")
        parser.add_argument(
            "--preview",
            action="store_true",
            help="say what they would make of 100 pairs, and store nothing",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            project = Project.objects.get(slug=options["project"])
        except Project.DoesNotExist:
            raise CommandError(f"There is no project {options['project']}.") from None
        try:
            step = self._preview if options["preview"] else self._run
            step(project)
        except WorkflowError as error:
            raise CommandError(str(error)) from None

    def _preview(self, project: Project) -> None:
        trial = trying_rules.try_out(project=project, actor=None)
        for pair, treated in trial.found:
            self.stdout.write(f"pair {pair.pk}: {pair.instruction[:80]!r}")
            for diff in field_diffs(pair.text, treated.text):
                for hunk in diff.hunks:
                    if hunk.kind != "equal":
                        old, new = hunk.before[:SHOWN], hunk.after[:SHOWN]
                        self.stdout.write(f"    {diff.name}: {old!r} -> {new!r}")
            for rule, name in treated.tags:
                self.stdout.write(f"    {rule}: tag {name}")
            for rule, exclusion in treated.exclusions:
                self.stdout.write(f"    {rule}: {exclusion.sentence!r}")
        told = ", ".join(f"{rule} {n}" for rule, n in trial.counts.most_common())
        self.stdout.write(f"{trial.read} pairs were read: {told or 'nothing found'}.")

    def _run(self, project: Project) -> None:
        run = running_rules.start(project=project, actor=None)
        is_watched = self.stderr.isatty()

        def tell(run: RuleRun) -> None:
            if is_watched:
                at = rule_runs.progress(run)
                share = "" if at.share is None else f"{at.share:.0%}"
                self.stderr.write(
                    f"\r{run.get_phase_display()} {share} {run.done:,} of "
                    f"{run.total:,}   ",
                    ending="",
                )

        running_rules.run(run.pk, tell=tell)
        run.refresh_from_db()
        if is_watched:
            self.stderr.write("")
        if run.problem:
            raise CommandError(run.problem)
        for count in run.counts.order_by("pk"):
            self.stdout.write(
                f"{count.rule}: found {count.found}, fixed {count.fixed}, tagged "
                f"{count.tagged}, proposed {count.proposed}"
            )
        waiting = rule_runs.waiting(project).count()
        self.stdout.write(
            f"{run.changed} pairs altered, {run.busy} passed over; {waiting} wait for "
            "a decision on the project's page of rules."
        )
