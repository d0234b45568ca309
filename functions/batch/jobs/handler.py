"""The entry point that Lambda calls for the API of jobs."""

import os

from functions.batch.jobs.app import create
from functions.batch.jobs.service import Service
from functions.core.settings import Settings
from functions.rest import logger
from functions.rest.gateway import behind_gateway

logger.install()
settings = Settings.from_environment(os.environ)
handler = behind_gateway(create(Service(settings), settings.cors_origins))
