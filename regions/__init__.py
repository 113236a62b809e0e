"""Regions and markets: working time, cultural profiles, the phrasebook, the market library."""
