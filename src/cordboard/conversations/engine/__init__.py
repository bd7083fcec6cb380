"""Moves that touch several resources: being born, changing state, joining, leaving, speaking."""
