"""What a customer's message means and what is answered."""
