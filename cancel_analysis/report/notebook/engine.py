"""A Papermill engine that runs cells in the process it is called in, without a kernel.

Starting and stopping a kernel costs more than a report's own work. The process must be a fresh one
for each notebook: IPython takes over `__main__`, and nothing of one shop may be seen by the next.
"""

from __future__ import annotations

import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import nbformat
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from papermill.engines import Engine, papermill_engines
from traitlets.config import Config

from cancel_analysis.errors import error_text

NAME = "cancel-analysis"


class _Outputs:
    """The outputs of the cell that is running, in the order in which they were made."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def stream(self, name: str, text: str) -> None:
        last = self.items[-1] if self.items else None
        if last is not None and last.output_type == "stream" and last.name == name:
            last.text += text
        else:
            self.items.append(nbformat.v4.new_output("stream", name=name, text=text))

    def display(self, data: dict[str, Any], metadata: dict[str, Any] | None) -> None:
        self.items.append(nbformat.v4.new_output("display_data", data=data, metadata=metadata or {}))

    def result(self, data: dict[str, Any], metadata: dict[str, Any] | None, count: int) -> None:
        self.items.append(
            nbformat.v4.new_output("execute_result", data=data, metadata=metadata or {}, execution_count=count)
        )

    def error(self, error: BaseException) -> None:
        # The lines of a trace hold paths of this machine, and another library's message may hold cells of a file.
        name, text = type(error).__name__, error_text(error)
        trace = [f"{name}: {text}".rstrip(": ")]
        self.items.append(nbformat.v4.new_output("error", ename=name, evalue=text, traceback=trace))


class _Stream:
    """A text stream that writes into the outputs."""

    encoding = "utf-8"

    def __init__(self, outputs: _Outputs, name: str) -> None:
        self._outputs, self._name = outputs, name

    def write(self, text: str) -> int:
        if text:
            self._outputs.stream(self._name, text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        raise OSError("a notebook's stream has no file")


def _shell(outputs: _Outputs) -> InteractiveShell:
    class Publisher(DisplayPublisher):
        def publish(self, data: Any, metadata: Any = None, source: Any = None, **_: Any) -> None:
            outputs.display(dict(data), metadata)

        def clear_output(self, wait: bool = False) -> None:
            outputs.items.clear()

    class Hook(DisplayHook):
        def __call__(self, result: Any = None) -> None:
            if result is not None and not self.quiet():  # type: ignore[no-untyped-call]
                data, metadata = self.compute_format_data(result)  # type: ignore[no-untyped-call]
                self.update_user_ns(result)  # type: ignore[no-untyped-call]
                outputs.result(dict(data), metadata, self.prompt_count)

    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config, display_pub_class=Publisher, displayhook_class=Hook)
    # The error is kept as an output; IPython's coloured trace is not wanted beside it.
    shell._showtraceback = lambda *_: None  # type: ignore[method-assign]
    return shell


class ProcessEngine(Engine):  # type: ignore[misc]
    """Runs the code cells of a notebook one after the other and stops at the first that fails."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **_: Any) -> None:
        outputs = _Outputs()
        shell = _shell(outputs)
        count = 0
        try:
            for index, cell in enumerate(nb_man.nb.cells):
                if cell.cell_type != "code" or not cell.source.strip():
                    continue
                count += 1
                outputs.items = cell.outputs = []
                nb_man.cell_start(cell, index)
                with redirect_stdout(_Stream(outputs, "stdout")), redirect_stderr(_Stream(outputs, "stderr")):
                    shell.execution_count = count
                    result = shell.run_cell(cell.source, store_history=False)
                cell.execution_count = count
                cell.outputs = outputs.items
                failed = result.error_before_exec or result.error_in_exec
                if failed is not None:
                    outputs.error(failed)
                    nb_man.cell_exception(cell, index)
                    nb_man.cell_complete(cell, index)
                    return
                nb_man.cell_complete(cell, index)
        finally:
            InteractiveShell.clear_instance()
            sys.displayhook = sys.__displayhook__


def register() -> str:
    """Make the engine known to Papermill; returns the name to ask for it by."""
    papermill_engines.register(NAME, ProcessEngine)
    return NAME
