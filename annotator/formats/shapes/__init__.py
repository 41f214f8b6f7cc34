"""What a row means: pairs, chats, preferences, and columns that a person named."""
