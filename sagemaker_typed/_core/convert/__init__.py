"""Conversion between typed objects and boto3's dicts."""
