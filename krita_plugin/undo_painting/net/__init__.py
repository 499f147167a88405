"""The gRPC client, in a thread of its own. Free of Qt and Krita."""
