"""One message on its way: composed, decided on, queued, prepared, limited, refused, decided by hand."""
