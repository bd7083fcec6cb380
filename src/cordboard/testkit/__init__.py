"""What people test against Cordboard with: a pytest plugin, a server inside the test process, a clock that tests move.

Cordboard's own tests use the same fixtures, so whoever writes a test here learns what users get. Nothing imports this room.
"""
