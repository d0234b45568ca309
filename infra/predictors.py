"""The functions that answer predictions: one for every model, and one more for each model that has its own."""

from collections.abc import Iterator, Mapping

from constructs import Construct

from infra import registry_access as registry
from infra.function import Function
from infra.model_store import ModelStore
from infra.stages import Stage


class Predictor(Function):
    """A function that answers predictions."""

    def __init__(
        self, scope: Construct, name: str, *, stage: Stage, settings: Mapping[str, object], model: str | None = None
    ) -> None:
        """Define the function.

        Args:
            stage: as this function sees it.
            settings: what it is told beside what the stage says.
            model: the only one that it answers for; None: for every model.
        """
        super().__init__(scope, name, stage=stage, work=stage.predict, settings={**settings, **stage.serving})
        self.model = model
        self.label = model or "predict"
        """What people call it: the model's name, where it has only one."""
        self.suffix = f"-{model}" if model else ""
        """What sets names of constructs that go with it apart."""


class Predictors(Construct):
    """The shared function first, then those that models have for themselves."""

    def __init__(self, scope: Construct, name: str, *, stage: Stage, settings: Mapping[str, object]) -> None:
        super().__init__(scope, name)
        # Not below this construct: it would be another function to CloudFormation than the one that is deployed.
        self.shared = Predictor(scope, "Predict", stage=stage, settings=settings)
        self.own = [
            Predictor(self, model, stage=stage.apart(model), settings=settings, model=model)
            for model in stage.functions
        ]

    def __iter__(self) -> Iterator[Predictor]:
        yield self.shared
        yield from self.own

    def grant_models(self, models: ModelStore) -> None:
        """Let each read what it serves, and of the other models nothing."""
        for each in self:
            models.grant(each.role, registry.predict(each.model))

    @property
    def outputs(self) -> dict[str, str]:
        """What scripts need to know, by its name among the stack's outputs."""
        own = {"OwnFunctionNames": ",".join(f"{it.label}={it.function.function_name}" for it in self.own)}
        return {"PredictFunctionName": self.shared.function.function_name} | (own if self.own else {})
