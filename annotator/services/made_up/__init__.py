"""The demo's history: weeks of work that nobody did, by the services themselves."""
