"""What all doors share: errors, headers, negotiation, caching, cursors."""
