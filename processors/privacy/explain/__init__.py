"""What a policy does to a recording, node by node: for people who must decide on the policy."""
