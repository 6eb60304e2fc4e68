"""Vega, Vega-Lite and Vega-Embed as one script, so that a page draws its charts without network.

The package that has them puts them together anew each time: two seconds in which no other thread of the process
runs. It is always the same text for a version of the package, so it is noted in the store.
"""

from __future__ import annotations

from importlib.metadata import version

from cancel_analysis.report.thread_cache import cached_across_threads
from cancel_analysis.store.entries import open_store

# Where the built-in renderer puts the script, after Pandoc: Pandoc would parse a megabyte for nothing.
PLACE = "<!-- vega -->"
_PACKAGE = "vl-convert-python"


@cached_across_threads
def script() -> str:
    """The `<script>` element with the bundle; about 0.9 MB, made once a process at most.

    In a page with RequireJS the bundle would register itself there instead of as globals, so
    `define` is set aside while it loads; the function keeps its thousands of names to itself.
    """
    bundle = _bundle().replace("</script", "<\\/script").replace("<!--", "<\\!--")
    return (
        "<script>(function () { var reportDefine = window.define; window.define = undefined;\n"
        f"(function () {{ {bundle}\n}})();\n"
        "window.define = reportDefine; })();</script>"
    )


def _bundle() -> str:
    store, key = open_store(), f"vega-{version(_PACKAGE)}"
    noted = None if store is None else store.read_note(key)
    if isinstance(noted, str):
        return noted
    # Loaded when a page is made, not when it is asked which program makes it.
    import vl_convert

    # The stub asks for a snippet that the function itself does not need.
    found: str = vl_convert.javascript_bundle()  # type: ignore[call-arg]
    if store is not None:
        store.write_note(key, found)
    return found
