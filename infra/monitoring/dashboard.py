"""The dashboard of a stage: one page that a person reads from top to bottom."""

from collections.abc import Iterator, Sequence

from aws_cdk import Aws, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.monitoring import drift_section, model_sections, subjects
from infra.monitoring.alarms import RUNBOOK
from infra.monitoring.sections import Sections
from infra.monitoring.settings import MonitoringSettings
from infra.monitoring.subjects import Subjects
from infra.monitoring.widgets import Widget, placed, states, text

HOURS = 3


class Dashboard(Construct):
    """What a stage does, what it is made of, and which of its alarms go off."""

    def __init__(
        self, scope: Construct, name: str, *, subjects: Subjects, settings: MonitoringSettings, alarms: Sequence[str]
    ) -> None:
        """Define it.

        Args:
            alarms: ARNs of those whose states stand first.
        """
        super().__init__(scope, name)
        stack = Stack.of(self)
        title = text(f"# {stack.stack_name}\nWhat to do when something goes off: `{RUNBOOK}`", height=2)
        widgets = [title, states("Alarms", alarms), *_widgets(subjects, settings)]
        body = {"start": f"-PT{HOURS}H", "periodOverride": "inherit", "widgets": placed(widgets)}
        cloudwatch.CfnDashboard(
            self, "Board", dashboard_name=stack.stack_name, dashboard_body=stack.to_json_string(body)
        )
        self.url = (
            f"https://{Aws.REGION}.console.aws.amazon.com/cloudwatch/home#dashboards/dashboard/{stack.stack_name}"
        )


def _widgets(of: Subjects, settings: MonitoringSettings) -> Iterator[Widget]:
    sections = Sections(of, settings)
    yield from sections.traffic()
    own = [subject.namespace for subject in of[subjects.STAGE]]
    for namespace in own if settings.metrics == "full" else ():
        yield from model_sections.codes(namespace)
    yield from sections.latency()
    yield from sections.starts()
    for namespace in own if settings.metrics == "full" else ():
        yield from model_sections.loads(namespace)
    yield from sections.concurrency()
    for namespace in own:
        yield from model_sections.models(namespace)
    for namespace in own if settings.metrics == "full" else ():
        yield from model_sections.versions(namespace)
    for stage in of[subjects.DRIFTING]:
        yield from drift_section.worst(stage, settings)
        if settings.metrics == "full":
            yield from drift_section.features(stage, settings)
    yield from sections.files()
    yield from sections.cost()
    yield from sections.functions()
