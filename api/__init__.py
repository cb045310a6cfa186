"""How people and programs use INFRAai."""
