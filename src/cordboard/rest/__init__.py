"""How a REST call is read and answered, once for all products.

A product hands over a table (``routes.Product``); ``app.RestApp`` is the ASGI callable that serves the tables: ``hosts`` and
``lookup`` find the route, ``auth`` the caller, ``pairs``, ``forms`` and ``sentences`` turn bytes into one struct or into a
sentence about the wrong parameter, ``paging`` adds the envelope of lists, ``cors`` the browser's headers, ``problems`` renders
every refusal, and ``openapi`` describes the same tables. Nothing here knows a product, a row or SQL.
"""
