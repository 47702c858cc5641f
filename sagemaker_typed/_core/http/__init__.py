"""Sending calls in ways that botocore does not offer: faster, bounded in time, and over aiohttp."""
