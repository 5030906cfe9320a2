"""The question and its answer: grammar, columns, filters, the slice and its SQL."""
