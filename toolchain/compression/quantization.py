"""Whole numbers for weights and activations: the arithmetic, apart from any graph."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def per_channel(weight: Floats, limit: int = 127) -> tuple[NDArray[np.int8], Floats]:
    """Symmetric int8 with a scale for each column: |weight - q * scale| <= scale / 2.

    Args:
        weight: (in, out), finite.
        limit: the largest magnitude of a whole number; 63 leaves room for CPUs that add pairs of products in 16 bits.

    Returns:
        Whole numbers (in, out) and scales (out,).
    """
    scale = _positive(np.abs(weight).max(axis=0) / np.float32(limit))
    return np.clip(np.rint(weight / scale), -limit, limit).astype(np.int8), scale


def per_row(table: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Symmetric int8 with a scale for each row: whole numbers (rows, width) and scales (rows, 1)."""
    q, scale = per_channel(table.T)
    return np.ascontiguousarray(q.T), scale[:, None]


def blockwise(weight: Floats, bits: int, block: int) -> tuple[NDArray[np.uint8], Floats]:
    """Unsigned whole numbers around 2^(bits-1), a scale for each block along the last axis; the last may be padded.

    Of 8 bits, -127 ... 127 is used. Of 4 bits, -8 ... 7, with a sign of the scale that gives the side with the larger
    magnitude the eighth step, as ONNX Runtime's own block quantizer does.

    Args:
        weight: (rows, depth), finite.
        bits: 8 or 4.
        block: how many values share a scale.

    Returns:
        Numbers (rows, blocks, block), one a byte whatever the bits, and scales (rows, blocks).
    """
    rows, depth = weight.shape
    blocks = -(-depth // block)
    padded = np.zeros((rows, blocks * block), np.float32)
    padded[:, :depth] = weight
    parts = padded.reshape(rows, blocks, block)
    if bits == 8:
        scale = _positive(np.abs(parts).max(axis=2) / np.float32(127))
        lowest, highest, middle = -127, 127, 128
    else:
        low, high = parts.min(axis=2), parts.max(axis=2)
        scale = np.where(np.abs(low) >= np.abs(high), low, high) / np.float32(-8)
        scale = np.where(np.abs(scale) < TINY, np.float32(1), scale).astype(np.float32)
        lowest, highest, middle = -8, 7, 8
    return (np.clip(np.rint(parts / scale[..., None]), lowest, highest) + middle).astype(np.uint8), scale


def packed(numbers: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pairs of 4-bit numbers along the last axis, of even length, in a byte each; the first in the lower half."""
    return numbers[..., 0::2] | (numbers[..., 1::2] << np.uint8(4))


def as_activation(x: Floats) -> Floats:
    """What is left of an activation after DynamicQuantizeLinear: uint8 with one scale and zero point for the tensor."""
    low, high = min(float(x.min(initial=0)), 0.0), max(float(x.max(initial=0)), 0.0)
    scale = (high - low) / 255
    if scale == 0:
        return x
    zero = np.rint(np.clip(-low / scale, 0, 255))
    rounded: Floats = ((np.clip(np.rint(x / scale) + zero, 0, 255) - zero) * scale).astype(np.float32)
    return rounded


TINY = np.finfo(np.float32).tiny


def _positive(scale: Floats) -> Floats:
    """Scales to divide by: what is all zeros, or too small for a scale, gets 1."""
    return np.where(scale < TINY, np.float32(1), scale).astype(np.float32)
