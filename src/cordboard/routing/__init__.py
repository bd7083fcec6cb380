"""The pure routing core: who gets which task, and what may follow what.

Facts and a time go in, decisions come out. Nothing here reads a clock, draws a number, opens a file or logs, so a
run can be replayed and a naive router can check the quick one (`tests/routing/oracle.py`).

Expressions live in `expressions/`, state machines in `lifecycle`, entering a workflow in `workflow`, and the floor
of one workspace in `floor` with its parts `classes`, `lines`, `targets` and `ordering`. Whether a worker can get a task
is asked in `eligibility`; `explaining` tells why.
"""
