"""Requests that nobody would send, to every operation that the document of the API describes."""
