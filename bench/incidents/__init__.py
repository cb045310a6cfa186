"""Incidents as data, played in the sandbox from the fault to the end, and scored by what happened to the cloud."""
