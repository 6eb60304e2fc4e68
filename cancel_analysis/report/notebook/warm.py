"""Everything a notebook imports and looks up, loaded once: processes forked from one that has this start at once.

Nothing here may open a connection or start a thread; neither survives a fork. Nothing of a shop is loaded.
"""

import atexit
import gc
import os
from importlib import import_module

# What runs the cells and what they call; then what libraries load late, with the first call that needs it.
LOADED = (
    "cancel_analysis.report.notebook.engine",
    "cancel_analysis.report.notebook.execute",
    "cancel_analysis.report.show.parts",
    "cancel_analysis.report.show.workbook",
    "papermill.execute",
    "IPython.core.completerlib",
    "IPython.core.magics",
    "holidays.countries",
    "pandas.core.methods.to_dict",
    "pandas.core.reshape.reshape",
    "pyarrow.dataset",
    "pyarrow.pandas_compat",
    "pyarrow.parquet",
    "scipy.linalg",
)

# Things made until garbage is looked for (Python's own: 700).
_BETWEEN_SEARCHES = 50_000


def _load() -> None:
    for name in LOADED:
        import_module(name)
    import nbformat

    from cancel_analysis.catalog.words import BASE, words
    from cancel_analysis.exhibits.number_formats import NumberFormats

    words(BASE)
    # Babel reads its locale with the first number, nbformat compiles its schema with the first notebook.
    NumberFormats(BASE).percent(0.5)
    nbformat.validate(nbformat.v4.new_notebook())


# A report's matrices have some dozen rows. A second thread of the linear algebra has nothing to do with them but to
# wait, which OpenBLAS does busily: a fifth of a notebook's CPU seconds. Read when NumPy is loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Nothing that is loaded here is garbage; to look for it again and again takes a tenth of the time.
gc.disable()
_load()
# What is here stays: a search for garbage in a forked process need not go through it, nor copy its pages.
gc.freeze()
# A report makes some million small things, nearly none of which is garbage that only a search finds.
gc.set_threshold(_BETWEEN_SEARCHES, *gc.get_threshold()[1:])
gc.enable()
# At this process's own end it is taken apart as ever: DuckDB tells of what is left over.
atexit.register(gc.unfreeze)
