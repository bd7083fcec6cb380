"""How rows are kept: declared tables, units of work, and two databases that carry out what a unit collected.

Reads are hand-written portable SQL, writes are data (design D3). This room knows no product: it moves facts (frozen msgspec
structs) to and from rows. ``sqlite`` and ``postgres`` are named by the composition only; everybody else sees ``port``.
"""
