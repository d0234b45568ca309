"""`make bench`: every question, then what is over its limit; the exit status says whether anything is."""

import sys

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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
