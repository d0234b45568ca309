"""This machine: its Python, and what builds images."""

import sys
from collections.abc import Iterator

from toolchain.doctor.template import FUNCTION, Template
from toolchain.findings import Finding, fail, ok, skipped
from toolchain.image import BuilderMissing, find_builder

OLDEST, NEWEST = (3, 11), (3, 13)


def check(template: Template | None) -> Iterator[Finding]:
    """What a deployment takes of a machine."""
    version = sys.version_info[:2]
    found = ".".join(map(str, sys.version_info[:3]))
    if OLDEST <= version <= NEWEST:
        yield ok("Python", found)
    else:
        yield fail("Python", f"{found}, not 3.11 to 3.13", "make install PYTHON=python3.12")
    if template and not has_images(template):
        yield skipped("image builder", "this stage runs the working tree, and has no images")
        return
    try:
        yield ok("image builder", find_builder())
    except BuilderMissing as fault:
        words, _, hint = str(fault).partition("\nhint: ")
        yield fail("image builder", words, hint)


def has_images(template: Template) -> bool:
    """Whether functions ship as images."""
    return any(function.get("PackageType") == "Image" for function in template.of(FUNCTION).values())
