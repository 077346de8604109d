"""What a job runs."""

RATE = 0.25
