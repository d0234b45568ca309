"""cdk-nag, the CDK's own rules and cfn-lint find nothing in stages that have everything on, replica included."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from infra import beside
from infra.app import default_context, synthesize
from infra.check import findings
from tests.infra.edge_stages import PRIVATE, PUBLIC


@pytest.mark.parametrize(("settings", "app"), [(PUBLIC, synthesize), (PRIVATE, synthesize), (PUBLIC, "replica")])
def test_nothing_is_found(settings: dict[str, Any], app: Any, tmp_path: Path) -> None:
    context = {**default_context(), "stage": "edge", "stages": {"edge": settings}}
    assert findings(context, tmp_path, partial(beside.synthesize, app) if isinstance(app, str) else app) == []
