"""What is published: built twice, installed on each Python, and used from the source archive alone."""
