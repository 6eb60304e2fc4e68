"""The report's pictures: Altair charts made from small frames, only the columns that are drawn."""
