"""What was understood of shops' files, kept from one run to the next, so that a file is read once.

The tables (`intake`) are as the loaders made them, without any personal column; beside them stand notes:
small facts such as the last day that a shop's files cover. Nothing here is needed: without the store,
with a damaged one or a full disk everything is made from the files, and comes out the same.

Only `intake` and `frames` load pandas: whether a report has to be made anew is decided without it.
"""
