"""Accounts, their API keys and auth tokens, access tokens, and who a caller is.

The first account is the owner of the installation: it alone has subaccounts and acts for them; every other account sees itself.
The vendor's operations are those of its products ``api``, ``iam`` and ``accounts``; ours stand under ``/cordboard/v1``.
"""
