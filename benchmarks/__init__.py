"""Speed and scale, measured as ratios inside one process: the compiled rules against a Mesa twin and against themselves."""
