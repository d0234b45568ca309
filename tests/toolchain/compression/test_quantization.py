"""Whole numbers for weights: how far they may be off, for any weights."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from toolchain.compression.quantization import as_activation, blockwise, packed, per_channel, per_row

FINITE = st.floats(-1e6, 1e6, width=32, allow_subnormal=False)
MATRICES = arrays.arrays(np.float32, arrays.array_shapes(min_dims=2, max_dims=2, max_side=20), elements=FINITE)
ROUNDING = 1e-5


@given(MATRICES)
def test_a_weight_per_channel_is_off_by_at_most_half_a_step(weight: NDArray[np.float32]) -> None:
    for limit in (127, 63):
        numbers, scale = per_channel(weight, limit)
        assert np.abs(numbers).max() <= limit
        assert (np.abs(numbers * scale - weight) <= scale * (0.5 + ROUNDING * limit)).all()


@given(MATRICES)
def test_the_scale_of_a_channel_is_its_largest_magnitude_over_127(weight: NDArray[np.float32]) -> None:
    numbers, scale = per_channel(weight)
    largest = np.abs(weight).max(axis=0)
    zero = largest / np.float32(127) < np.finfo(np.float32).tiny
    np.testing.assert_allclose(scale[~zero], largest[~zero] / 127, rtol=1e-6)
    np.testing.assert_array_equal(numbers[:, zero], 0)


@given(MATRICES)
def test_a_row_has_a_scale_of_its_own(table: NDArray[np.float32]) -> None:
    numbers, scale = per_row(table)
    assert scale.shape == (len(table), 1)
    assert (np.abs(numbers * scale - table) <= scale * (0.5 + ROUNDING * 127)).all()


@given(MATRICES, st.sampled_from((16, 32)))
def test_a_weight_by_blocks_of_8_bits_is_off_by_at_most_half_a_step(weight: NDArray[np.float32], block: int) -> None:
    numbers, scale = blockwise(weight, 8, block)
    back = ((numbers.astype(np.float32) - 128) * scale[..., None]).reshape(len(weight), -1)[:, : weight.shape[1]]
    steps = np.repeat(scale, block, axis=1)[:, : weight.shape[1]]
    assert (np.abs(back - weight) <= steps * (0.5 + ROUNDING * 127)).all()


@given(MATRICES, st.sampled_from((16, 32)))
def test_a_weight_by_blocks_of_4_bits_is_off_by_at_most_a_step(weight: NDArray[np.float32], block: int) -> None:
    numbers, scale = blockwise(weight, 4, block)
    assert numbers.max() <= 15
    back = ((numbers.astype(np.float32) - 8) * scale[..., None]).reshape(len(weight), -1)[:, : weight.shape[1]]
    steps = np.abs(np.repeat(scale, block, axis=1))[:, : weight.shape[1]]
    assert (np.abs(back - weight) <= steps * (1 + ROUNDING)).all()


def test_blocks_that_do_not_come_out_even_are_padded_with_zeros() -> None:
    numbers, scale = blockwise(np.full((1, 20), 127, np.float32), 8, 16)
    np.testing.assert_array_equal(numbers[0, 1], [255] * 4 + [128] * 12)
    np.testing.assert_array_equal(scale, [[1, 1]])


def test_two_numbers_of_4_bits_share_a_byte_the_first_in_the_lower_half() -> None:
    np.testing.assert_array_equal(packed(np.array([[1, 2, 15, 0]], np.uint8)), [[0x21, 0x0F]])


@given(MATRICES)
def test_an_activation_is_off_by_at_most_a_step_of_its_tensor(x: NDArray[np.float32]) -> None:
    step = (max(float(x.max()), 0) - min(float(x.min()), 0)) / 255
    assert np.abs(as_activation(x) - x).max() <= step * 1.01 + 1e-30
