"""Who a message goes to: phone numbers and WhatsApp user ids in one form."""
