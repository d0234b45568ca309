"""What a stage is watched by: a dashboard, alarms, and who is told of them."""
