"""The language a goal names."""

from sandbox.gemini.planner.reading import Reading

STACK_TITLES = {
    "node": "Node.js",
    "django": "Python with Django",
    "python": "Python",
    "rails": "Ruby on Rails",
    "ruby": "Ruby",
    "go": "Go",
    "wordpress": "WordPress on PHP",
    "php": "PHP",
    "java": "Java",
    "dotnet": ".NET",
    "rust": "Rust",
    "docker": "containers with Docker",
    "static": "static files",
}
_MOST_SPECIFIC_FIRST = ("wordpress", "django", "rails")


def stack_of(reading: Reading) -> str:
    """Return the goal's language, framework or container engine, "" where it names none."""
    named = reading.concepts("stack")
    if not named and reading.wants("docker") and reading.wants("vm", "server", "group"):
        return "docker"
    if reading.wants("static") and len(named) > 1:
        named = [stack for stack in named if stack != "node"]
    specific = [stack for stack in _MOST_SPECIFIC_FIRST if stack in named]
    return (specific or named or [""])[0]
