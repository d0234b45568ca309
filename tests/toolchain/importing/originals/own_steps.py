"""A step of somebody's own, which no converter knows."""

from sklearn.base import BaseEstimator, TransformerMixin


class Unknown(TransformerMixin, BaseEstimator):
    """Leaves everything as it is."""

    def fit(self, X, y=None):  # noqa: ARG002, N803
        self.n_features_in_ = 2
        return self

    def transform(self, X):  # noqa: N803
        return X
