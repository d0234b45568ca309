"""The entry point that Lambda calls for the console."""

import os

from functions.console.app import create
from functions.console.assets import Assets
from functions.console.policy import bucket_origins, headers
from functions.console.service import Service
from functions.core.settings import Settings
from functions.rest.gateway import behind_gateway

settings = Settings.from_environment(os.environ)
region, endpoint = os.environ.get("AWS_REGION", ""), os.environ.get("AWS_ENDPOINT_URL", "")
origins = bucket_origins((settings.input_bucket, settings.output_bucket), region, endpoint)
service = Service(settings, region, Assets())
handler = behind_gateway(create(service, headers(origins, tls=not endpoint)))
