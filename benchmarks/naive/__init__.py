"""The bundle that tutorials show, to compare with: FastAPI, pydantic lists, a boto3 client, Mangum."""
