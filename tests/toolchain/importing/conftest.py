"""The environments of the other frameworks."""

from pathlib import Path

import pytest

from tests.toolchain.importing import environment


@pytest.fixture(scope="session")
def tables_python() -> Path:
    """The interpreter that has scikit-learn, XGBoost and LightGBM."""
    return environment.make()


@pytest.fixture(scope="session")
def networks_python() -> Path:
    """The interpreter that has PyTorch and Keras, too."""
    return environment.with_torch()


@pytest.fixture(scope="session")
def tensorflow_python() -> Path:
    """The interpreter that has TensorFlow."""
    return environment.make("import-tensorflow")
