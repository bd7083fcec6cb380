"""Tables and their SELECTs, one file a resource."""
