"""Words that the terminal, the reports and the browser share: units, faults and sources in English and Chinese."""
