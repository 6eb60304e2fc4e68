"""Vega, Vega-Lite and Vega-Embed as one script, so that a page draws its charts without network."""

from __future__ import annotations

from cancel_analysis.report.thread_cache import cached_across_threads

# Where the built-in renderer puts the script, after Pandoc: Pandoc would parse a megabyte for nothing.
PLACE = "<!-- vega -->"


@cached_across_threads
def script() -> str:
    """The `<script>` element with the bundle; about 0.9 MB, made once a process.

    In a page with RequireJS the bundle would register itself there instead of as globals, so
    `define` is set aside while it loads; the function keeps its thousands of names to itself.
    """
    # Loaded when a page is made, not when it is asked which program makes it.
    import vl_convert

    # The stub asks for a snippet that the function itself does not need.
    bundle = vl_convert.javascript_bundle()  # type: ignore[call-arg]
    bundle = bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    return (
        "<script>(function () { var reportDefine = window.define; window.define = undefined;\n"
        f"(function () {{ {bundle}\n}})();\n"
        "window.define = reportDefine; })();</script>"
    )
