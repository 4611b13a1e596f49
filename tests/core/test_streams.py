"""Named draws: row i of a submodel in a quarter always gets number i."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from transition_sim.core.streams import Streams


def test_a_row_keeps_its_number_when_rows_are_added():
    few, many = Streams(7).uniforms("attention", 12, 10), Streams(7).uniforms("attention", 12, 1000)
    assert np.array_equal(few, many[:10])


def test_submodels_quarters_and_seeds_have_numbers_of_their_own():
    base = Streams(7).uniforms("attention", 12, 100)
    others = [
        Streams(7).uniforms("choice", 12, 100),
        Streams(7).uniforms("attention", 13, 100),
        Streams(8).uniforms("attention", 12, 100),
        Streams(7).uniforms("attention", -12, 100),
    ]
    assert all(not np.any(base == other) for other in others)


def test_using_one_stream_shifts_no_other():
    streams = Streams(3)
    alone = Streams(3).uniforms("choice", 1, 5)
    streams.uniforms("attention", 1, 999)
    assert np.array_equal(streams.uniforms("choice", 1, 5), alone)


def test_philox_known_answer():
    # Philox4x64-10, key (5, crc32("x") = 0x8cdc1683), counter (0, 0, 2, 0): frozen so that old runs stay repeatable
    first = Streams(5).generator("x", 2).bit_generator.random_raw(1)
    reference = np.random.Philox(key=[5, 0x8CDC1683], counter=[0, 0, 2, 0]).random_raw(1)
    assert first == reference


def test_normals_are_standard():
    draws = Streams(1).normals("demand", 0, 200_000)
    assert abs(draws.mean()) < 3 / np.sqrt(200_000) * 1.5
    assert draws.std() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises(ValueError, match="a seed is a whole number from 0 to 2"):
        Streams(seed)


def test_draws_are_those_of_numpy_whole_and_by_single_rows():
    streams = Streams(2**40 + 7)
    for quarter in (-3, 0, 5, 63):
        whole = streams.generator("choice", quarter).random(5001)
        for n in (0, 1, 3, 4, 66, 5001):
            assert streams.uniforms("choice", quarter, n).tolist() == whole[:n].tolist()
        rows = np.array([0, 1, 2, 3, 4, 7, 4095, 5000, 5000, 2])
        assert streams.uniforms_at("choice", quarter, rows).tolist() == whole[rows].tolist()
    assert streams.uniforms_at("choice", 0, np.zeros(0, np.int64)).size == 0


def test_kept_draws_are_those_drawn_anew():
    kept, anew = Streams(11, keeps=True), Streams(11)
    for _ in range(2):
        for submodel, quarter, n in (("choice", 3, 100), ("choice", 3, 500), ("life", 4, 100)):
            assert np.array_equal(kept.uniforms(submodel, quarter, n), anew.uniforms(submodel, quarter, n))
    assert kept.uniforms("choice", 3, 100) is kept.uniforms("choice", 3, 100)
    assert anew.uniforms("choice", 3, 100) is not anew.uniforms("choice", 3, 100)


def test_threads_draw_the_same_numbers():
    streams, rounds = Streams(4), 300
    wanted = {quarter: Streams(4).uniforms("choice", quarter, 80) for quarter in range(4)}
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda k: (k % 4, streams.uniforms("choice", k % 4, 80)), range(4 * rounds)))
    assert all(np.array_equal(numbers, wanted[quarter]) for quarter, numbers in drawn)
