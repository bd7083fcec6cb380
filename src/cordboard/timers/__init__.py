"""Durable alarms: a row in the unit that wants something to happen later, and a loop that makes it happen.

An alarm is a hint, not an order: its handler reads the resource again and does nothing unless it still applies, for what it was
set for may have been settled in the same millisecond. Handlers are named by kind; the composition joins names and functions.
"""
