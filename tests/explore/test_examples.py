"""The examples in the docstrings of public names run as they stand."""

import doctest
from functools import cache
from importlib import import_module

import pytest

import cancel_analysis as ca
from cancel_analysis.explore import opening
from tests.conftest import PROJECT

MODULES = ("opening", "part", "results", "shop", "shops")


@pytest.mark.parametrize("module", MODULES)
def test_examples_run(module, monkeypatch):
    monkeypatch.chdir(PROJECT)
    # Each shop is read once for all examples.
    monkeypatch.setattr(ca, "sample_shop", cache(opening.sample_shop))
    found = doctest.testmod(import_module(f"cancel_analysis.explore.{module}"), optionflags=doctest.ELLIPSIS)
    assert found.attempted > 0
    assert found.failed == 0


def test_every_result_of_a_shop_has_an_example():
    writes_files = {"report", "to_excel"}
    described = {name: vars(ca.Shop)[name].__doc__ for name in vars(ca.Shop) if not name.startswith("_")}
    facts = {"id", "name", "market", "currency", "week", "as_of", "lines", "orders", "items", "study"}
    bare = [name for name, text in described.items() if name not in writes_files | facts and ">>>" not in (text or "")]
    assert not bare
