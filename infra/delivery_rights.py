"""What a workflow on GitHub may do: which repository it is of, and which environment or stage it is about."""

from dataclasses import dataclass

from infra.setting import text


@dataclass(frozen=True)
class Delivery:
    """Where the code is that deploys this stage. The stack of `make delivery` lets its workflows in, without a key."""

    repository: str | None = text("a repository on GitHub as owner/name", r"[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}")
    """null: nobody is let in."""
    environment: str | None = text("the name of an environment on GitHub", r"[A-Za-z0-9_-]{1,64}")
    """Of that repository; who may deploy is decided there, by its reviewers and branches. null: the stage's name."""
    branch: str | None = text("the name of a branch", r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
    """Whose workflows end API keys that are due, at night and without an environment. null: main."""
    provider: str | None = text(
        "the ARN of an OIDC provider",
        r"arn:aws[a-z-]*:iam::\d{12}:oidc-provider/token\.actions\.githubusercontent\.com",
    )
    """The account's provider for GitHub where there is one: an account can have only one. null: the stack makes it."""
