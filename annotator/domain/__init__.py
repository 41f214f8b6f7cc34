"""Pure rules: no framework, no database, no clock."""
