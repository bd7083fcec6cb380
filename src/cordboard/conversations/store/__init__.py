"""Tables and SELECTs, one file a resource. What a conversation is and may do is not decided here."""
