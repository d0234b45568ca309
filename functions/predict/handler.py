"""The Lambda handler of the predict function."""

import os

from functions.core.settings import Settings
from functions.predict.entry import Entry

handler = Entry(Settings.from_environment(os.environ))
