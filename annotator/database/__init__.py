"""PostgreSQL as Django knows it, which notices when the server is gone."""
