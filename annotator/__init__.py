"""The app: people, workflow, screens."""
