"""What every endpoint shares: errors, paging, filters, strict input."""
