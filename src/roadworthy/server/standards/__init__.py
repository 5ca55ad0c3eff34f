"""Standards: drafts, published versions, approvals, coverage."""
