"""Moves that touch several resources: entering a workflow, offers, time-outs, the router around the floor."""
