"""The command ``cordboard``: read flags, call the server or the composition, print sentences.

``main`` names the others, and imports only the one that is called.
"""
