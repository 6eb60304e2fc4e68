"""Reports made on a Dask cluster: the plan of one machine, each shop a task for whichever worker is free.

The process that was asked for reports plans them, hands shops out a few at a time, and publishes what comes
back. Workers read the shops' files where all of them see them, or fetch them from a dataset's address; they
make the report in a folder of their own and send the finished files. Nothing is written to the output folder
but by the one process that was asked: a report is published once, whatever workers die or come back, and no
worker needs to see that folder, or a lock that holds across machines.

Only `cancel_analysis.report.cluster` knows Dask, which the extra `cluster` installs.
"""
