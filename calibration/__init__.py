"""How often what `cancel_analysis.inference` claims comes true: simulations, and the table in docs/calibration.md."""
