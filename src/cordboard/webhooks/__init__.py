"""Deliveries to URLs: rows written in the unit, signed, retried, in order per resource. Built by a later issue."""
