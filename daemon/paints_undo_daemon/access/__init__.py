"""Who may talk to the daemon, and how they find it."""
