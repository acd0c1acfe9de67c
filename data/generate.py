"""Make an invented cohort.

python data/generate.py sample --subjects 60 --seed 2026 --out data/sample/tidy [--format csv|parquet]
python data/generate.py scripts --subjects 60 --seed 2026
"""

import argparse
from pathlib import Path

from generator.output import FORMATS, script_table, write_cohort


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Make an invented cohort; the same seed gives the same bytes."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    sample = commands.add_parser("sample", help="write subjects, observations and recorded_grades")
    scripts = commands.add_parser("scripts", help="print what is scripted for each subject, as Markdown")
    for command in (sample, scripts):
        command.add_argument("--subjects", type=int, default=60)
        command.add_argument("--seed", type=int, default=2026)
    sample.add_argument("--out", type=Path, required=True, help="folder to write into")
    sample.add_argument("--format", choices=sorted(FORMATS), default="csv")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    if given.command == "scripts":
        print(script_table(given.subjects, given.seed))
    else:
        write_cohort(given.out, given.subjects, given.seed, given.format)


if __name__ == "__main__":
    main()
