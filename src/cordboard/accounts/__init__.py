"""Accounts, their API keys, and who a caller is.

The first account is the owner of the installation: it alone adds accounts, and sees them all; every other account sees itself.
The vendor makes accounts and keys in another product, with other rights, so these operations stand under a name of ours
(``/cordboard/v1``); the one of the vendor's that its clients call, fetching an account, is built as the product ``api``.
"""
