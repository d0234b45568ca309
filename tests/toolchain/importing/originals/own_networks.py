"""Small networks, of which one has no ONNX."""

import torch
from torch import nn


class Pair(nn.Module):
    """Two outputs by name."""

    def __init__(self) -> None:
        super().__init__()
        self.kind, self.price = nn.Linear(4, 3), nn.Linear(4, 1)

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"kind": self.kind(x), "price": self.price(x)}


class Attended(nn.Module):
    """Tokens and a mask, of any length."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens, self.out = nn.Embedding(50, 8), nn.Linear(8, 2)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.out((self.tokens(ids) * mask[..., None]).mean(1))


class Eigen(nn.Module):
    """Eigenvalues, for which ONNX has no operator."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.linalg.eigvals(x).real
