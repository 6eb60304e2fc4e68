"""Loaded last by the process that reports are forked from, and by no other: it ends at once.

Taking everything apart that it has loaded takes a second, for which the command would wait at its end. The
processes that are forked from it end in their own way.
"""

import atexit
import os

atexit.register(os._exit, 0)
