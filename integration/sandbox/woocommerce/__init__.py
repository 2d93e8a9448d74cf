"""A pretend WooCommerce shop, built from recordings of real ones (8.9.3 and 10.5.2) and from nothing of ours.

shop      what its owner and its customers do          rest     wp-json: who may, which route, which answer
model     orders, parcels, products, coupons           params   how WordPress reads and refuses parameters
hooks     webhooks, and the cron that carries them     faults   slow, broken, moved, in maintenance
seed      thousands of orders in no time               pages    what a browser opens: authorize, checkout-link
loopback  one shop alone on a port, for tests          app      all of it as one web application
"""
