"""What runs in the network's thread, which loads asyncio, TLS and the client for it. Krita's own thread imports nothing
of this: it hands work over through the bridge.
"""
