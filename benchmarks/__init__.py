"""Speed and scale as ratios inside one process: compiled rules against a Mesa twin and against themselves."""
