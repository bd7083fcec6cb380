"""Flex Interactions: one customer's engagement, from the first message to the close, over all the tasks that it takes.

An interaction joins a conversation, in which people talk, to tasks, by which agents are found; this product calls the actions of
both in its own unit and keeps the rows that tie them together. Floors: ``routes`` > ``actions`` > ``engine`` > ``wire | store`` >
``model``.
"""
