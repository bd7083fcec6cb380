"""Cordboard: a self-hosted server for customer interactions.

The rooms, from the street to the cellar: ``cli`` and ``testkit`` (entry points), ``server`` (composition), ``desk``,
``channels`` and ``live`` (faces, carriers, sockets), ``flex``, ``taskrouter`` and ``conversations`` (products),
``webhooks`` and ``timers``, ``accounts``, ``events``, ``rest`` and ``storage``, ``routing`` (the pure core), ``kernel``.
Imports only point down; ``pyproject.toml`` and ``.importlinter`` hold the contract.
"""

__version__ = "0.1.0"
