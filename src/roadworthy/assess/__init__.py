"""What the declaration means: the risk tier and the class under each law, with the facts that led to them."""
