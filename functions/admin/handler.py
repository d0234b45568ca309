"""The entry point that Lambda calls for the admin API."""

import os

from mangum import Mangum

from functions.admin.app import create
from functions.admin.service import Service
from functions.core.settings import Settings
from functions.rest import logger
from functions.rest.calls import Calls

logger.install()
handler = Mangum(Calls(create(Service(Settings.from_environment(os.environ)))), lifespan="off")
