"""Knowledge as data files, each with a typed reader: markets, reasons, policies, words."""
