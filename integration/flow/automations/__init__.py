"""What sends by itself besides orders and carts: alerts about articles, birthdays, vouchers."""
