"""The notebook runs in a fresh process, and every parameter is checked before."""

from __future__ import annotations

import ast
import os
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from cancel_analysis.errors import ExecutionError, SettingsError
from cancel_analysis.report.notebook import execute, prepare
from cancel_analysis.report.notebook.parameters import check_parameters, parameters_of
from cancel_analysis.report.notebook.workers import Workers
from tests.report import samples


def run(tmp_path: Path, extra: str, timeout: float | None = None) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(samples.PARAMETERS, metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell(extra),
        ]
    )
    path = tmp_path / "sample.ipynb"
    nbformat.write(notebook, path)
    work = tmp_path / "work"
    work.mkdir()
    Workers().execute(samples.job(tmp_path), work, timeout)
    return nbformat.read(work / "executed.ipynb", as_version=4)


def test_outputs_are_kept_in_their_order(tmp_path: Path) -> None:
    code = "import sys\nprint('a'); print('b')\nprint('c', file=sys.stderr)\nfrom IPython.display import display\n"
    code += "display({'text/markdown': 'm'}, raw=True)\nprint('d')\n1 + 1"
    outputs = run(tmp_path, code).cells[-1].outputs
    assert [output.output_type for output in outputs] == [
        "stream",
        "stream",
        "display_data",
        "stream",
        "execute_result",
    ]
    assert outputs[0].text == "a\nb\n"
    assert outputs[1].name == "stderr"
    assert outputs[2].data == {"text/markdown": "m"}
    assert outputs[4].data["text/plain"] == "2"


def test_parameters_arrive_and_no_path_of_this_machine_is_kept(tmp_path: Path) -> None:
    notebook = run(tmp_path, "print(shop, week, lang, mode, work, data)")
    assert notebook.cells[-1].outputs[0].text == "us-shop 2026-W46 en report . ..\n"
    assert str(tmp_path) not in nbformat.writes(notebook)
    (injected,) = [cell for cell in notebook.cells if "injected-parameters" in cell.metadata.get("tags", [])]
    assert f'data = "{tmp_path.name}"' in injected.source.splitlines()
    assert "papermill" not in nbformat.writes(notebook)


def test_a_cell_that_fails_is_named_with_its_cause(tmp_path: Path) -> None:
    with pytest.raises(ExecutionError, match=r"cell 2 of the notebook failed \(x = 1\): ValueError: no such thing"):
        run(tmp_path, "x = 1\nraise ValueError('no such thing')")


def test_an_error_of_our_own_speaks_for_itself(tmp_path: Path) -> None:
    code = """from cancel_analysis.errors import Place, UnreadableFileError
raise UnreadableFileError("it cannot be read", place=Place(file="a.xlsx"), remedy="export it again")"""
    with pytest.raises(ExecutionError) as caught:
        run(tmp_path, code)
    assert str(caught.value) == "it cannot be read [a.xlsx]\n  What to do: export it again"


def test_code_that_is_not_python_is_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(ExecutionError, match="SyntaxError"):
        run(tmp_path, "x = = 1")


def test_a_process_that_dies_is_an_error_of_its_report(tmp_path: Path) -> None:
    with pytest.raises(ExecutionError, match="died"):
        run(tmp_path, "import os; os._exit(3)")


def test_any_work_can_be_done_in_a_process_of_its_own(tmp_path: Path) -> None:
    def folder(name: str) -> Path:
        (tmp_path / name).mkdir()
        return tmp_path / name

    assert Workers().call(int, "12", work=folder("well")) == 12
    with pytest.raises(ExecutionError, match=r"died \(exit status 3\)"):
        Workers().call(os._exit, 3, work=folder("dead"))
    with pytest.raises(ExecutionError) as caught:
        Workers().call(int, "Maria Kanarienvogel", work=folder("failed"))
    assert str(caught.value).startswith("ValueError")
    assert "Maria" not in str(caught.value)
    with pytest.raises(ExecutionError, match="SystemExit"):
        Workers().call(sys.exit, 4, work=folder("left"))


def test_a_notebook_that_hangs_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(ExecutionError, match="more than 3 seconds"):
        run(tmp_path, "import time; time.sleep(60)", timeout=3)


def test_leaving_the_interpreter_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ExecutionError):
        run(tmp_path, "raise SystemExit(0)")


def test_each_report_has_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    code = "import builtins, os\nprint(hasattr(builtins, 'left'), os.getpid()); builtins.left = 1"
    first = run(tmp_path / "one", code).cells[-1].outputs[0].text.split()
    second = run(tmp_path / "two", code).cells[-1].outputs[0].text.split()
    assert first[0] == second[0] == "False"
    assert first[1] != second[1]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rowz": 3}, "unknown parameter 'rowz'"),
        ({"rows": "3"}, "'rows' must be of the kind of its default 6"),
        ({"rows": True}, "'rows' must be of the kind"),
        ({"shop": Path("x")}, "'shop' must be plain JSON"),
        ({"week": 46}, "'week' must be of the kind"),
    ],
)
def test_a_parameter_that_is_wrong_is_refused_before_anything_runs(given: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        check_parameters(samples.notebook(), given)


def test_parameters_are_read_from_the_tagged_cell() -> None:
    found = parameters_of(samples.notebook())
    assert found == {
        **{"shop": "", "week": "", "data": "", "lang": "en", "mode": "lab", "work": "."},
        "period_days": 30,
        "rows": 6,
    }
    empty = samples.notebook()
    empty.cells[1].metadata = {}
    with pytest.raises(SettingsError, match="one cell tagged 'parameters'; it has 0"):
        parameters_of(empty)
    odd = samples.notebook()
    odd.cells[1].source += "\nnow = open('x')"
    with pytest.raises(SettingsError, match="'now' of the notebook must have a plain value"):
        parameters_of(odd)


def test_a_notebook_must_have_the_parameters_of_the_machinery() -> None:
    notebook = samples.notebook()
    notebook.cells[1].source = "shop = ''"
    with pytest.raises(SettingsError, match="the notebook has no parameter 'week'"):
        check_parameters(notebook, {})


def test_the_parameters_cell_of_the_sample_is_plain_python() -> None:
    assert ast.parse(samples.PARAMETERS)


def test_an_error_in_the_notebook_leaves_no_executed_one(tmp_path: Path) -> None:
    with pytest.raises(ExecutionError):
        run(tmp_path, "1 / 0")
    assert not (tmp_path / "work" / "executed.ipynb").exists()


def test_the_whole_sample_runs(executed: Path) -> None:
    notebook = prepare.read(executed / "executed.ipynb")
    prepare.check(notebook)
    assert (executed / "figures" / "stages.still.vl.json").is_file()
    assert (executed / "tables" / "products.csv").is_file()


@pytest.mark.parametrize(("most", "storage"), [(None, "python"), (10, "pyarrow")])
def test_texts_of_small_files_are_python_s_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int | None, storage: str
) -> None:
    import pandas as pd

    file = tmp_path / "orders.csv"
    file.write_text("Order ID\n577457661793325107\n", encoding="utf-8")
    shop = replace(samples.job(tmp_path).shop, files=(file,))
    if most is not None:
        monkeypatch.setattr(execute, "SMALL_FILES_BYTES", most)
    with pd.option_context("mode.string_storage", "pyarrow"):
        with execute.texts_of(shop):
            frame = pd.DataFrame({"reason": ["out_of_stock", None]})
        assert pd.get_option("mode.string_storage") == "pyarrow"
    assert frame["reason"].dtype.storage == storage
    assert frame["reason"].dtype == "str"
    assert frame["reason"].isna().tolist() == [False, True]
