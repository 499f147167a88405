"""Workers on several hosts, through Ray: one actor for each worker's place, driven as a local worker is.

Only this package imports ray, and only when the setting `executor` is ``ray``.
"""
