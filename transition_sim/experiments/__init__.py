"""Many runs: studies with their designs, a runner that survives, analyses, reports."""
