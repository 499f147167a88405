"""What is on disk: the database (jobs, events, frames, who owns which picture) and the content-addressed pictures."""
