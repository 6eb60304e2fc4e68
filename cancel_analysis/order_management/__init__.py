"""Orders by status, requests that wait for an answer, cancellation of single items."""
