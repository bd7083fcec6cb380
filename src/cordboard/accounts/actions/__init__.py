"""One function an API verb; and what the composition calls: who a caller is, and the first start."""
