"""The service in the browser: an HTTP server on the loopback, and the page that it serves.

`paints-undo web` runs it as a process of its own. A browser speaks to 127.0.0.1 alone, by the Connect protocol; the
server passes each call on to the daemon, this machine's or a studio's, by the project's own client.
"""
