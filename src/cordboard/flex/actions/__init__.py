"""One function an operation: load, decide, collect writes, record."""
