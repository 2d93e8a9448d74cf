"""The verbs receive, react, send and answer put everything in order; a package per noun holds what is around them."""
