"""The vendor's names: forms to fields, facts to JSON. The only place that spells ``ReservationStatus``."""
