"""The report's pictures: Vega-Lite specifications from small frames, only the columns that are drawn."""
