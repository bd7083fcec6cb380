"""Tables and their SELECTs."""
