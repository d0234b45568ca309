"""The recommender's network: causal self-attention over the books that somebody read.

A relative of SASRec (Kang and McAuley, 2018). Instead of positions it knows how many books ago something was read.
"""

import torch
from torch import Tensor, nn

WIDTH, HEADS, LAYERS, STEPS = 64, 2, 2, 50


class Layer(nn.Module):
    """Self-attention to what was read before, nearer or farther, and two linear maps of each step."""

    def __init__(self) -> None:
        super().__init__()
        self.before, self.between = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.project, self.merge = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.ago = nn.Parameter(torch.zeros(STEPS, HEADS))
        self.each = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Dropout(0.1), nn.Linear(2 * WIDTH, WIDTH))

    def forward(self, states: Tensor, ago: Tensor, hidden: Tensor) -> Tensor:
        """States [rows, steps, width].

        Args:
            ago: how many steps before the one that looks, [steps, steps], at least 0.
            hidden: what is added to the scores: 0 for what may be seen, else very low, [rows, 1, steps, steps].
        """
        split = self.project(self.before(states)).unflatten(2, (3, HEADS, WIDTH // HEADS))
        queries, keys, values = split.permute(2, 0, 3, 1, 4)
        scores = queries @ keys.transpose(2, 3) / (WIDTH // HEADS) ** 0.5 + self.ago[ago].permute(2, 0, 1) + hidden
        seen = (scores.softmax(3) @ values).transpose(1, 2).flatten(2)
        states = states + self.merge(seen)
        return states + self.each(self.between(states))


class Network(nn.Module):
    """Books as vectors, attention among those read, and every book's score from the same vectors."""

    def __init__(self, books: int) -> None:
        super().__init__()
        self.books = nn.Embedding(books + 1, WIDTH, padding_idx=0)
        nn.init.normal_(self.books.weight, std=WIDTH**-0.5)
        self.drop = nn.Dropout(0.1)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.leave, self.bias = nn.LayerNorm(WIDTH), nn.Parameter(torch.zeros(books))

    def forward(self, history: Tensor) -> Tensor:
        """States [rows, steps, width] of a history [rows, steps] of book numbers from 1, 0 where there is none."""
        place = torch.arange(history.shape[1], device=history.device)
        ago = place[:, None] - place
        visible = (ago >= 0) & (history > 0)[:, None, None, :]
        hidden = torch.where(visible, 0.0, -1e9)
        states = self.drop(self.books(history) * WIDTH**0.5)
        for layer in self.layers:
            states = layer(states, ago.clamp(0, STEPS - 1), hidden)
        return self.leave(states)

    def scores(self, states: Tensor, read: Tensor) -> Tensor:
        """Log-probabilities [..., books] that a book is the next one: -inf for those that were read."""
        scores = states @ self.books.weight[1:].T + self.bias
        return scores.masked_fill(read, -torch.inf).log_softmax(-1)


class Answer(nn.Module):
    """What is exported: the scores after the last book, which need not be at the end."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("numbers", torch.arange(1, network.books.num_embeddings))

    def forward(self, history: Tensor) -> Tensor:
        """Log-probabilities [rows, books] for a history [rows, steps]."""
        there = (history > 0).to(torch.int64)
        last = (there * torch.arange(1, history.shape[1] + 1, device=history.device)).argmax(1)
        states = self.network(history)
        states = states.gather(1, last[:, None, None].expand(-1, 1, WIDTH))[:, 0]
        read = (history[:, :, None] == self.numbers).any(1)
        return self.network.scores(states, read)
