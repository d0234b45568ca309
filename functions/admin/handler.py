"""The entry point that Lambda calls for the admin API."""

import os

from functions.admin.app import create
from functions.admin.service import Service
from functions.core.settings import Settings
from functions.rest import logger
from functions.rest.gateway import behind_gateway

logger.install()
handler = behind_gateway(create(Service(Settings.from_environment(os.environ))))
