"""What several pages share: words, charts, forms and previews."""
