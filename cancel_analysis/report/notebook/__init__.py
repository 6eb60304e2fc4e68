"""Run a notebook for one report: parameters, process, cleaning."""
