"""One function an operation, and the functions that other products call in their own unit.

An action takes a unit, the caller and a form. What other products call takes a unit and facts, says so in its docstring, and
refuses as the API would.
"""
