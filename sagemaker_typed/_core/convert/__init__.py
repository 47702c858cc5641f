"""Typed objects to the dicts that boto3 takes and gives, and back."""
