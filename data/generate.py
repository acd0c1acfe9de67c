"""Make an invented cohort.

python data/generate.py sample --subjects 60 --seed 2026 --out data/sample/tidy [--format csv|parquet]
python data/generate.py scripts --subjects 60 --seed 2026
python data/generate.py layout mimic_iv --out data/sample/mimic_iv [--cohort data/sample/tidy]
"""

import argparse
from pathlib import Path

from generator import layouts
from generator.output import FORMATS, script_table, write_cohort

SAMPLE = Path(__file__).parent / "sample" / "tidy"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Make an invented cohort; the same seed gives the same bytes."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    sample = commands.add_parser("sample", help="write subjects, observations and recorded_grades")
    scripts = commands.add_parser("scripts", help="print what is scripted for each subject, as Markdown")
    layout = commands.add_parser("layout", help="write a cohort of tidy in the layout of another source")
    layout.add_argument("name", choices=layouts.names())
    layout.add_argument("--cohort", type=Path, default=SAMPLE, help="folder of tidy to read, the sample if none is given")
    for command in (sample, scripts):
        command.add_argument("--subjects", type=int, default=60)
        command.add_argument("--seed", type=int, default=2026)
    for command in (sample, layout):
        command.add_argument("--out", type=Path, required=True, help="folder to write into")
    sample.add_argument("--format", choices=sorted(FORMATS), default="csv")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    if given.command == "scripts":
        print(script_table(given.subjects, given.seed))
    elif given.command == "layout":
        layouts.write(given.name, given.cohort, given.out)
    else:
        write_cohort(given.out, given.subjects, given.seed, given.format)


if __name__ == "__main__":
    main()
