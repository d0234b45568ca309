"""The embedded cloud on this machine: start it, deploy the synthesized template, publish, stop."""
