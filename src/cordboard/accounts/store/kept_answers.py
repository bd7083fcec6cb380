"""Answers that are kept for whoever asks again."""

from cordboard.accounts.model import KeptAnswer
from cordboard.storage.tables import Table

KEPT_ANSWERS = Table("kept_answers", KeptAnswer, key=("account_sid", "idempotency_key"))

# A unit reads a row by key once; this one is read again, to see what another unit did meanwhile.
OF_KEY = KEPT_ANSWERS.where("account_sid = ? AND idempotency_key = ?")
EXPIRED = KEPT_ANSWERS.where("account_sid = ? AND expires_at <= ? ORDER BY expires_at LIMIT ?")
NEXT_TO_EXPIRE = KEPT_ANSWERS.where("account_sid = ? AND expires_at > ? ORDER BY expires_at LIMIT 1")
