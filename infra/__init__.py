"""The service as a CDK app: stages are data, constructs are nouns, the stack is the diagram."""
