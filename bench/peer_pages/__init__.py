"""One script a peer, run by the Python of its own environment: `python SCRIPT rows.csv FOLDER` leaves a page there."""
