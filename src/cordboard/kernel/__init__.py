"""Words that everybody uses: SIDs, the clock, chance, errors, settings, JSON values, pages, secrets.

Nothing here knows a product, a table or a request, and nothing here imports another room of the house.
"""
