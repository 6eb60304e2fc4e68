"""`python -m cancel_analysis` is the same as `cancel-analysis`."""

from cancel_analysis.cli.commands import main

if __name__ == "__main__":
    main()
