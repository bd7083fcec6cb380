"""Calls to the URLs of accounts, at least once and in order.

What is wanted is said in the unit of a change (``enqueuing``). When it is sent, say ``sender`` and ``receivers``; how, ``calling``,
``signing`` and ``overrides``; where to, ``destinations`` and ``guarded``; and ``settling`` and ``asking`` what becomes of it. A product
names URLs and parameters and knows nothing of HTTP; nothing here knows a product.
"""
