"""The figure of the tutorial, as it stands there."""

import re
from pathlib import Path

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"


def test_the_figure_of_the_tutorial_names_its_lines_and_whole_years(tmp_path, monkeypatch):
    import matplotlib

    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL)
    names: dict = {}
    exec(compile(code, str(TUTORIAL), "exec"), names)
    axis = names["axis"]
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["seed 1", "seed 2", "seed 3"]
    assert list(axis.get_xticks()) == [2020, 2021, 2022, 2023, 2024]
    assert (tmp_path / "paths.png").read_bytes().startswith(b"\x89PNG")
