"""The composition: one process made of products, a database, alarms and an ASGI app.

``compose`` alone names concrete adapters and lists who reacts to what; ``system`` is what it makes; ``app`` is the outer ASGI
app with health and OpenAPI; ``serving`` runs it on a socket and stops it in order; ``preconditions`` refuse a start that would
be unsafe, each with one sentence.
"""
