"""Who may do what with the files of batch: patterns of keys for each action, as each function's code asks for them.

A job's objects stand below its id, 32 hexadecimal digits that nobody knows before the file is there: hence `*/`.
"""

from infra.private_bucket import Access

FILES, UPLOADS = "*", "*/jobs/*"
CLAIM, PLAN, TODO, STAGED = "*/claim.json", "*/plan.json", "*/todo-*.json", "*/staged-*"
PARTS, REFUSALS, TALLIES = "*/part-*", "*/errors-*", "*/tally-*.json"
MANIFEST, FAILED, CANCELLED = "*/manifest.json", "*/failed.json", "*/cancelled.json"
DROPS, RECENT, TENANTS = "drops/*", "recent/*", "tenants/*"

READ_FILES = Access(pinned=(FILES,), get=(FILES,), names=(FILES,))
"""Read the version of a file that an event names, and the note beside it. That there is none S3 tells only those who
may list."""

DROP = Access(
    get=(CLAIM, PARTS, REFUSALS, TALLIES, MANIFEST, FAILED, CANCELLED, DROPS, RECENT),
    put=(CLAIM, PARTS, REFUSALS, TALLIES, MANIFEST, FAILED, DROPS, RECENT),
    names=("*",),
)
"""Claim a job and do all of a small one."""

WORK = Access(
    get=(CLAIM, PLAN, TODO, STAGED, PARTS, REFUSALS, TALLIES, MANIFEST, FAILED, CANCELLED),
    put=(PLAN, TODO, STAGED, PARTS, REFUSALS, TALLIES, MANIFEST, FAILED),
    names=("*",),
)
"""Plan a large job, do its pieces and commit it; never begin one."""

MACHINE = Access(get=(TODO,))
"""Read what there is to do."""

JOBS_FILES = Access(put=(UPLOADS,))
"""An address to upload to can do no more than who signs it."""

JOBS = Access(
    get=(CLAIM, PLAN, PARTS, REFUSALS, TALLIES, MANIFEST, FAILED, CANCELLED, RECENT, TENANTS),
    put=(CANCELLED, RECENT, TENANTS),
    names=("*",),
)
"""Say how a job fares, sign addresses of its results, cancel it; never answer a row."""

OPERATOR_FILES = Access(put=(FILES,))
"""Drop files."""

OPERATOR = Access(get=(FILES,), names=(FILES,))
"""See what became of them."""
