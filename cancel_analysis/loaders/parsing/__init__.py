"""What every loader needs: files, columns, values, the account of rows."""
