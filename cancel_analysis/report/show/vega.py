"""Vega, Vega-Lite and Vega-Embed as one script, so that a page draws its charts without network.

The package that has them puts them together anew each time: two seconds in which no other thread of the process
runs. It is always the same text for a version of the package, so it is noted in the store.
"""

from __future__ import annotations

import base64
import gzip
from importlib.metadata import version

from cancel_analysis.report.thread_cache import cached_across_threads
from cancel_analysis.store.entries import open_store

# Where the built-in renderer puts the script, after Pandoc: Pandoc would parse a megabyte for nothing.
PLACE = "<!-- vega -->"
_PACKAGE = "vl-convert-python"


# Packed, the bundle takes 0.4 MB of a page instead of 0.9. A browser too old to unpack it keeps the still pictures.
# Without a `define` of its own it would register itself with RequireJS, where a page has that, not as globals.
_UNPACK = """<script>
window.reportVega = (function (packed) {
  if (typeof DecompressionStream !== "function") return Promise.resolve();
  var bytes = Uint8Array.from(atob(packed), function (letter) { return letter.charCodeAt(0); });
  var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text().then(function (bundle) {
    var element = document.createElement("script");
    element.textContent = "(function (define) {" + bundle + "\\n})();";
    document.head.appendChild(element).remove();
  }).catch(function (error) { console.error("the charts stay still: " + error.message); });
})("%s");
</script>"""


@cached_across_threads
def script() -> str:
    """The `<script>` element that makes `vegaEmbed` known, some 0.4 MB, made once a process at most.

    `window.reportVega` is a promise that is kept when it is known, or will not be.
    """
    return _UNPACK % base64.b64encode(gzip.compress(_bundle().encode(), mtime=0)).decode("ascii")


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
