"""The pages for people: rendered on the server, in Chinese and English, readable without scripts."""
