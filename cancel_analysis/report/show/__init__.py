"""How a notebook's exhibits are shown: as Markdown in a report, as charts and frames in JupyterLab."""
