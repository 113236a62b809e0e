"""Everything that leaves: letters by mail, messages to webhooks. Others decide what they say."""
