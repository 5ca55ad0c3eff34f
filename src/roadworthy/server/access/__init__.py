"""Who may do what: permissions, roles and doors as tables, and the actor that passes through them."""
