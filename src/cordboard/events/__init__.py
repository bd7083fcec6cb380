"""The record of what happened, and the feed of it.

An event is recorded in the unit of the change, so it exists with the change or not at all (promise 2). It holds neutral facts
as they were at that moment; REST, sockets and webhooks are projections of it. Who acts on events reads the feed by position.
"""
