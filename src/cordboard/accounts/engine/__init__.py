"""What credentials permit: the limits of API keys and of tokens, and the scope in which a caller acts."""
