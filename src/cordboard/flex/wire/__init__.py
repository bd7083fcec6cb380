"""Forms to facts, facts to JSON: the one place that knows the vendor's spelling. One file a resource."""
