"""The entry point that Lambda calls for the admin API."""

import os

from mangum import Mangum

from functions.admin.app import create
from functions.admin.service import Service
from functions.core.settings import Settings

handler = Mangum(create(Service(Settings.from_environment(os.environ))), lifespan="off")
