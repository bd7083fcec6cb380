"""Conversations: rooms in which customers and agents talk, who is in them, and what was said.

Speaks the vendor's Conversations API v1 (``conversations.twilio.com``, now called "classic"). An account is born with one service,
its default: the short paths mean it, ``/v1/Services/{ChatServiceSid}/...`` any. Floors: ``routes`` > ``actions`` > ``engine`` >
``wire | store`` > ``model``. Other products call ``actions`` in their own unit; carriers of messages are not here.
"""
