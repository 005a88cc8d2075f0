"""The worker process: claims jobs, runs their bodies, commits their effects once."""
