"""The right half of the Credit scene: the weights of one episode and what they do."""
