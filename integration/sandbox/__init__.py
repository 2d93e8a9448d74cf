"""The other side on loopback: a WhatsApp Cloud API, two shops, and the customers' phones in a browser.

Nothing here imports the worker's own code, so the two cannot share a misunderstanding.
"""
