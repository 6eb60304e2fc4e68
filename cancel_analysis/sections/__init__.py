"""The parts of the report: exhibits made from a study; nothing is computed here."""
