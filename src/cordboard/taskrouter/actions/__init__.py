"""One function an API verb: load, decide, collect writes, record."""
