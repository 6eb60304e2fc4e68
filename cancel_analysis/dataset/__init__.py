"""A dataset: what the files of many shops ever said, kept for good as Parquet by shop and month.

    dataset.json               what makes a folder a dataset
    shops/<slug>/shop.json     a shop: its settings, which files were read, which parts hold what they say
    shops/<slug>/<part>        Parquet by table (orders by month) and JSON; named by content, never changed

A part that is written is never written again: an addition writes new parts and then, in one step, the
`shop.json` that names them. Whoever reads sees the shop before or after it, never in between; what was cut
off leaves parts that nobody names, which the next addition removes.
"""
