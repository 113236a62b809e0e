"""Customer companies: contacts and what was agreed with them."""
