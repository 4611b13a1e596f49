"""Compiled rules of versions that nobody runs are taken away; those of others are left alone."""

import os
import time

import pytest

from transition_sim.core import kernel_folders, kernels

DAY_S = 86400.0


def folder(root, name, days):
    """A folder of compiled rules that was last used some days ago."""
    inner = root / name / "world_0"
    inner.mkdir(parents=True)
    (inner / "rule.nbc").write_bytes(b"x")
    then = time.time() - days * DAY_S
    for path in (inner / "rule.nbc", inner, root / name):
        os.utime(path, (then, then))
    return root / name


def names(root):
    return {path.name for path in root.iterdir()}


def test_only_what_was_unused_for_two_months_goes(tmp_path):
    """59 days stay, 61 go; own rules and what is not ours stay, however old."""
    root, old = tmp_path / "kernels", "0123456789abcdef"
    kept = [
        folder(root, f"loans-{'1' * 16}", 59), folder(root, f"loans-{'2' * 16}", 400),
        folder(root, "thesis", 400), folder(root, "data-of-mine", 400),
    ]  # fmt: skip
    gone = [folder(root, f"loans-{old}", 61), folder(root, f"complete-{old}", 61)]
    late = folder(root, f"power-{'3' * 16}", 400)
    os.utime(late / "world_0" / "rule.nbc")  # a rule that was compiled today
    outside = folder(tmp_path, f"loans-{'4' * 16}", 400)
    (root / f"link-{'5' * 16}").symlink_to(outside)
    found = kernel_folders.take_away_unused(root, {f"loans-{'2' * 16}"})
    assert sorted(found) == sorted(path.name for path in gone)
    assert names(root) == {path.name for path in (*kept, late)} | {f"link-{'5' * 16}"}
    assert (outside / "world_0" / "rule.nbc").exists()


@pytest.fixture
def version(tmp_path, monkeypatch):
    """A folder of all versions: one that is old, and one of the own folders, as old."""
    root = tmp_path / "kernels"
    own = sorted(kernel_folders.own_folders())[0]
    folder(root, own, 400)
    folder(root, f"loans-{'1' * 16}", 400)
    monkeypatch.setattr(kernels, "_FOLDER", root)
    monkeypatch.setattr(kernels, "WRITABLE", True)
    kernels._complete.cache_clear()
    yield root, own
    kernels._complete.cache_clear()


def test_a_run_that_compiled_a_version_takes_old_ones_away(version):
    root, own = version
    assert kernels.is_cold()
    kernel_folders.mark_run()
    assert not kernels.is_cold()
    assert names(root) == {own, kernels._complete().name}


def test_a_version_that_is_run_says_so_and_leaves_others_alone(version):
    """Once a day: what it uses is as new as now, so that no other version takes it away."""
    root, own = version
    kernels.mark_warm()
    then = time.time() - 2 * DAY_S
    os.utime(kernels._complete(), (then, then))
    kernel_folders.mark_run()
    assert names(root) == {own, f"loans-{'1' * 16}", kernels._complete().name}
    assert time.time() - (root / own).stat().st_mtime < 60
    os.utime(root / own, (then, then))
    kernel_folders.mark_run()
    assert (root / own).stat().st_mtime == pytest.approx(then), "said today already"
