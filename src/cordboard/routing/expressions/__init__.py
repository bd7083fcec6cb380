"""The expression language of queues, workflow filters, targets and list filters.

`tokens` cuts the text, `parser` holds the grammar and builds the tree, `operators` says what each operator means for
each type, `compiler` turns the tree into closures, `findings` tells why one holds or not. Callers need
`compiler.compile_expression` and `tokens.ExpressionError`.
"""
