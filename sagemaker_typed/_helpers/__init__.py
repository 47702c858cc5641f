"""What groups have beside their operations, and what the public helper modules stand on."""
