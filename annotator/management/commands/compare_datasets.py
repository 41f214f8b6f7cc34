from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.domain.errors import Invalid
from annotator.services import comparing_datasets
from annotator.services.comparing_datasets import Dataset
from revision_engine.backends.base import Outage
from revision_engine.backends.local import LocalBackend
from training.evaluation.judges.embedded import EmbeddedJudge
from training.evaluation.tuned import reporting, study
from training.services import judging
from training.services.judging import Kind

RAW = "@raw"


class Command(BaseCommand):
    help = (
        "Tune one model on each of some datasets, and compare what the models answer "
        "(docs/proof.md). Stopped or killed, it goes on where it was when it is given "
        "the folder alone."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="where the study is kept")
        parser.add_argument(
            "datasets",
            nargs="*",
            metavar="NAME=FILE",
            help=f"the first is what the others are compared with; {RAW} after a file "
            "takes the raw side of its revisions",
        )
        parser.add_argument("--testset", type=Path, help="instructions to be answered")
        parser.add_argument("--seeds", type=int, nargs="+", default=[17, 18, 19])
        parser.add_argument(
            "--seen", type=int, default=1024, help="examples that each run learns from"
        )
        parser.add_argument(
            "--keep-from",
            type=float,
            help="adds an arm: what the judge rates so, 0 to 5, of the first dataset",
        )
        parser.add_argument(
            "--leave-out-bad",
            action="store_true",
            help="go on without the rows that cannot be read",
        )
        parser.add_argument(
            "--full",
            action="store_true",
            help="all weights of the model learn, not an adapter",
        )
        parser.add_argument("--base-model", help="instead of the packaged one")
        parser.add_argument(
            "--by",
            action="append",
            choices=[kind.value for kind in Kind],
            help="a judge (embedded); may be given twice, for their agreement",
        )
        parser.add_argument("--minutes", type=float, help="begin no run after so many")

    def handle(self, *, folder: Path, minutes: float | None, **asked: Any) -> None:
        judge = EmbeddedJudge.shipped()
        kinds = dict.fromkeys(asked["by"] or [Kind.EMBEDDED])
        try:
            if asked["datasets"]:
                self._lay_out(folder, judge, **asked)
            elif not (folder / "study.json").exists():
                raise CommandError(
                    f"{folder} holds no study: name the datasets, NAME=FILE each, and "
                    "--testset."
                )
            judges = [judging.judge(Kind(kind)) for kind in kinds]
            report = study.carry_out(folder, judge, LocalBackend, minutes)
            if [*kinds] != [Kind.EMBEDDED] and report["runs"]:
                report = study.judged(folder, *judges)
        except (Invalid, Outage, ValueError, judging.NoJudge, study.RunFailed) as fault:
            raise CommandError(str(fault)) from None
        except KeyboardInterrupt:
            raise CommandError(f"Stopped. Give {folder} alone to go on.") from None
        self.stdout.write(reporting.as_text(report))
        self.stdout.write(f"{folder / 'report.json'} is written.")

    def _lay_out(self, folder: Path, judge: EmbeddedJudge, **asked: Any) -> None:
        if asked["testset"] is None:
            raise CommandError("--testset is needed: the instructions to be answered.")
        base = asked["base_model"]
        made = comparing_datasets.lay_out(
            folder,
            dict(map(_named, asked["datasets"])),
            asked["testset"],
            seeds=asked["seeds"],
            seen=asked["seen"],
            config={"base_model": base} if base else {},
            tuning=study.FULL if asked["full"] else study.LORA,
            keep_from=asked["keep_from"],
            leave_out_bad=asked["leave_out_bad"],
            judge=judge,
        )
        sizes = ", ".join(f"{name} {size:,}" for name, size in made.sizes.items())
        self.stderr.write(
            f"Pairs: {sizes}. Test items: {made.items}; {made.contaminated} were left "
            "out, since a dataset may hold them."
        )


def _named(argument: str) -> tuple[str, Dataset]:
    name, is_there, path = argument.partition("=")
    if not is_there or not name.isidentifier():
        raise Invalid(
            f"{argument!r} must be NAME=FILE, the name of letters and digits."
        )
    source = Path(path.removesuffix(RAW))
    return name, Dataset(source=source, is_raw=path.endswith(RAW))
