"""Who may do what in the registry: patterns of keys for each action, as the code of each function asks for them."""

from infra.private_bucket import Access

PACKAGES, ALIASES, AUDIT, RETIRED, UPLOADS = "packages/*", "aliases/*", "audit/*", "retired/*", "uploads/*"
REQUEST, STARTED, VERDICT = "uploads/*/request.json", "uploads/*/started.json", "uploads/*/verdict.json"
UPLOADED = "uploads/*/files/*"

PREDICT = Access(get=(PACKAGES, ALIASES), names=(ALIASES,))
"""Fetch packages and see which version each alias names."""


def predict(model: str | None) -> Access:
    """What a predict function may: the shared one every model's, one that a model has for itself just that one's."""
    if model is None:
        return PREDICT
    alias = f"{ALIASES.removesuffix('*')}{model}.json"
    return Access(get=(f"{PACKAGES.removesuffix('*')}{model}/*", alias), names=(alias,))


ADMIN = Access(
    get=(ALIASES, PACKAGES, AUDIT, RETIRED, REQUEST, STARTED, VERDICT),
    put=(ALIASES, AUDIT, RETIRED, REQUEST, STARTED, UPLOADED),
    delete=(PACKAGES,),
    names=(PACKAGES, AUDIT),
    past=(ALIASES,),
)
"""Everything but making packages. An address that it signs, to upload to or download from, can do no more than it."""

CONSOLE = Access(
    get=(ALIASES, AUDIT, f"{PACKAGES}/manifest.json", f"{PACKAGES}/report.json", f"{PACKAGES}/verdict.json"),
    names=(PACKAGES, AUDIT, RETIRED),
)
"""See what there is, what serves, and what was changed; never a model itself."""

VALIDATOR = Access(get=(UPLOADS, PACKAGES), put=(VERDICT, PACKAGES), names=(PACKAGES, UPLOADS))
"""Read an upload, say what it is worth and make a package of it; never decide what serves. That there is no verdict
yet, or that a file was not uploaded, S3 tells only those who may list."""

ROLLBACK = Access(get=(ALIASES,), put=(ALIASES, AUDIT))
"""Put an alias back to what it was: one that there is, as an alarm was set for it."""

DRIFT = Access(get=(f"{PACKAGES}/reference.json",))
"""See what the data of a model was like when it was evaluated."""

_REGISTRY = (PACKAGES, ALIASES, AUDIT, RETIRED)
RESTORE = Access(get=_REGISTRY, put=_REGISTRY, delete=(RETIRED,), names=(ALIASES,), past=_REGISTRY)
"""Make the registry again what it was; of what is there nothing can be removed but the mark of a retired version. S3
copies over what somebody knows the ETag of, and over nothing else, only for those who may read it."""
