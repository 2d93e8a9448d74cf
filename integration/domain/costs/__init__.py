"""What messages cost at Meta: rate cards and prices."""
