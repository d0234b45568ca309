"""What keeps a pass or a recipe from being carried out."""

from functions.core.errors import OrtlessError


class NotApplicable(OrtlessError):
    """A pass cannot take a model; a search leaves it out and keeps the reason."""

    code = "not_applicable"

    def __init__(self, reason: str, step: str = "") -> None:
        self.reason = reason
        self.step = step
        super().__init__(f"{step}: {reason}" if step else reason)


class InvalidRecipe(OrtlessError):
    """The text or the options of a recipe are wrong."""

    code = "invalid_recipe"
