"""The agent's web desk, a client of the public API only. Built by a later issue."""
