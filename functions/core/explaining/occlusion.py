"""Which parts matter: each is left out in turn, and the score that is lost is its attribution.

Source: M. D. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks" (2014).
"""

import numpy as np

from functions.core.explaining.attribution import Attribution, Question


def occlusion(ask: Question, count: int) -> Attribution:
    """Attribute a score to parts.

    Args:
        ask: the model; it is asked count + 2 variants.
        count: how many parts.

    Returns:
        Values [count]; `baseline` is the score without any part.
    """
    scores = ask(np.vstack([np.zeros(count, bool), np.ones(count, bool), ~np.eye(count, dtype=bool)]))
    return Attribution(scores[1] - scores[2:], float(scores[0]), float(scores[1]), 0.0, count + 2)
