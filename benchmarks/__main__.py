"""`make bench`: every question, then what is over its limit; the exit status says whether anything is."""

import sys
from argparse import ArgumentParser

from rich.console import Console

from benchmarks import batch, cold_start, image_size, machine, warm

QUESTIONS = {"cold-start": cold_start.main, "warm": warm.main, "image-size": image_size.main, "batch": batch.main}


def main(chosen: list[str]) -> int:
    """Answer the questions named, or all."""
    console = Console(width=110)
    console.print(machine.describe(), highlight=False)
    exceeded = [line for name in chosen or QUESTIONS for line in QUESTIONS[name]()]
    for line in exceeded:
        console.print(f"[bold red]over its limit[/]: {line}")
    if not exceeded:
        console.print("[green]every figure is within its limit[/]")
    return 1 if exceeded else 0


def _chosen() -> list[str]:
    parser = ArgumentParser(
        prog="python -m benchmarks",
        description="Answer questions about speed and size, each contestant in a fresh process.",
        epilog="Example: python -m benchmarks cold-start warm",
    )
    parser.add_argument("question", nargs="*", help=f"of {', '.join(QUESTIONS)}; all of them if none is named")
    chosen: list[str] = parser.parse_args().question
    if unknown := [name for name in chosen if name not in QUESTIONS]:
        parser.error(f"expected questions of {', '.join(QUESTIONS)} - got {', '.join(unknown)}")
    return chosen


if __name__ == "__main__":
    sys.exit(main(_chosen()))
