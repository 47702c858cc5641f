"""Logs of jobs and endpoints: read, followed, shown beside waits."""
