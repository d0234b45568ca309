"""What is left of a model's answers: asked of the predictor that ships, measured with intervals, held to a gate."""
