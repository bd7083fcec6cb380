"""Moves that touch several resources: a conversation is brought in, an agent is invited, joins and leaves, a channel closes."""
