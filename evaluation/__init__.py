"""How well kadr finds: judged queries, asked of a running search API, and what the answers are worth."""
