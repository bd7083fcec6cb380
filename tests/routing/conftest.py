from hypothesis import settings

# Mutants are many, and most die of the first example.
settings.register_profile("mutants", max_examples=15, deadline=None)
