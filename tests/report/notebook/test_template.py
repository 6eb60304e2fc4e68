"""A notebook of one's own starts from a template, finds the sample from where it lies, and overwrites nothing."""

import nbformat
import pytest

from cancel_analysis.errors import SettingsError
from cancel_analysis.report import notebook_file
from cancel_analysis.report.notebook.parameters import parameters_of
from cancel_analysis.report.notebook.template import TEMPLATES, new_notebook


def test_a_copy_has_the_templates_cells_and_finds_the_sample(tmp_path):
    source = nbformat.read(notebook_file("shop_report"), as_version=4)
    path = new_notebook(tmp_path / "deep" / "mine")
    assert path == tmp_path / "deep" / "mine.ipynb"
    copy = nbformat.read(path, as_version=4)
    assert [cell.id for cell in copy.cells] == [cell.id for cell in source.cells]
    assert (path.parent / parameters_of(copy)["data"]).resolve().joinpath("shops.yaml").is_file()


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_is_there(tmp_path, template):
    assert new_notebook(tmp_path / template, template).is_file()


def test_nothing_is_written_over_and_a_wrong_template_gets_the_nearest(tmp_path):
    new_notebook(tmp_path / "mine")
    with pytest.raises(SettingsError, match="exists already"):
        new_notebook(tmp_path / "mine.ipynb")
    with pytest.raises(SettingsError, match="did you mean 'start_here'"):
        new_notebook(tmp_path / "other", "start_her")
