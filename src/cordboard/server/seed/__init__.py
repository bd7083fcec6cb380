"""Seed files: a floor written down in TOML (docs/seeding.md).

``floor`` is what can be said in one; ``file`` reads it and tells where a fault is; ``applying`` makes a server so, in one unit, by the
operations of the API; ``writing`` is the way back, for ``cordboard export``.
"""
