"""The shapes that amounts take in a goal's text: people, rates, money, sizes, ports, ranges, times."""

import re

NUMBER_WORDS = {
    "a": 1,
    "an": 1,
    "one": 1,
    "single": 1,
    "two": 2,
    "couple": 2,
    "pair": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "dozen": 12,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "fifty": 50,
    "hundred": 100,
}
NUM = r"(\d[\d,]*(?:\.\d+)?|\d*\.\d+)"
WORDED = "|".join(word for word in NUMBER_WORDS if word not in ("a", "an", "single"))
COUNT = rf"(\d+|{WORDED})"
_SCALE = r"(?:\s*(k|m|mn|mio|b|bn|thousand|million|billion|lakh|crore|hundred)s?\b)?"
_WHO = (
    r"(?:(?:daily|monthly|weekly|concurrent|simultaneous|active|registered|paying|global|worldwide|unique|"
    r"internal|mobile|web|online|total|expected|regular|different)\s+)*"
    r"(?:users?|customers?|visitors?|people|clients?|players?|students?|employees?|devices?|sessions?|"
    r"subscribers?|members?|readers?|daus?|maus?|viewers?|shoppers?|buyers?|sensors?|colleagues?|guests?|"
    r"patients?|friends?|usres|useres|uesrs|usrs)\b"
)
USERS = re.compile(rf"{NUM}\s*\+?{_SCALE}\s*\+?\s*(?:of\s+)?{_WHO}")
USERS_IN_WORDS = re.compile(
    rf"\b(?:(a|an|one|{WORDED}|few|several|some|many|half a)\s+)?(?:(hundred|thousand|million|billion)s?)\s+"
    rf"(?:of\s+)?(?:(thousand|million)s?\s+(?:of\s+)?)?{_WHO}"
)
FEW_USERS = re.compile(rf"\b(a handful|a few|few|some|several|{WORDED}|a dozen|dozens?)\s+(?:of\s+)?{_WHO}")
RATE = re.compile(
    rf"{NUM}{_SCALE}\s*(?:(?:http|api|read|write)\s+)?"
    r"(?:(?:requests?|reqs?|queries|transactions?|hits|messages?|events?|calls?|orders?|page ?views|"
    r"writes?|reads?|msgs?)\s*(?:per|/|an?|each|every)\s*(second|sec|s|minute|min|hour|day|month)\b|"
    r"(rps|qps|tps|req/s|r/s))"
)
_BEFORE_MONEY = (
    r"(?:under|below|less than|at most|up to|max(?:imum)?(?: of)?|within|no more than|not more than|around|"
    r"about|approximately|roughly|"
    r"budget(?:\s+(?:of|is|:|around|about|under|max|cap(?:ped)? at|limit(?:ed)? to))*|"
    r"cheaper than|not exceed(?:ing)?|cap(?:ped)? at|<=?|spend(?:ing)?|cost(?:s|ing)?|pay|afford|for|"
    r"limit(?: of)?)"
)
MONEY = re.compile(
    rf"(?:({_BEFORE_MONEY})\s*:?\s*)?(?:(us\$|[$€£]|usd|eur|gbp)\s*)?{NUM}\s*(k\b)?\s*"
    r"(us dollars?|usd|dollars?|dolars?|bucks|eur(?:os?)?|pounds?|gbp|\$|€|£)?\s*"
    r"(?:(?:/|per|a|an|each|every|pr)\s*(month|mo|mth|monthly|year|yr|annum|week|wk|day|hour|hr)\b|"
    r"(monthly|yearly|annually|weekly|daily))?"
)
SIZE = re.compile(
    rf"{NUM}\s*-?\s*(gb|gib|g|tb|tib|t|mb|mib|mi|gi|gigabytes?|terabytes?|gigs?)\b"
    r"(?:\s+(?:of\s+)?(\w+)(?:\s+(\w+))?)?"
)
CPUS = re.compile(rf"(?:{NUM}|\b({WORDED}))\s*-?\s*(?:v?cpus?|cores?)\b")
PORT_ONLY = re.compile(
    r"(?<![\d.,$€£/-])\b(80|443|8080|8443|3000|5000|8000|22)\s+only\b|\bonly\s+(80|443|8080|8443)\b"
)
PORTS = re.compile(
    r"\b(?:ports?|listen(?:ing|s)? on|on\s*:)\s*:?(\d{2,5}(?:\s*(?:,\s*and|,|and|&|/)\s*\d{2,5})*)"
)
RANGE = re.compile(
    rf"(?:between\s+|from\s+|min(?:imum)?(?:\s+of)?\s+|at least\s+)?{COUNT}\s*(?:-|to|and|up to|\.\.)\s*"
    rf"(?:max(?:imum)?(?:\s+of)?\s+|a maximum of\s+)?{COUNT}\s+(?:small\s+|big\s+|worker\s+)?"
    r"(?:nodes?|replicas?|instances?|vms?|machines?|servers?|pods?|containers?)"
)
LEAST = re.compile(
    rf"(?:min(?:imum)?(?:\s+of)?|at least|starting (?:at|with|from)|no less than)\s+{COUNT}\b"
    r"(?!\s*(?:gb|tb|users|usd|%|v?cpu|core))"
)
MOST = re.compile(
    rf"(?:max(?:imum)?(?:\s+of)?|up to|at most|no more than)\s+{COUNT}\b"
    r"(?!\s*(?:\$|gb|tb|k\b|users|usd|dollars?|euros?|eur|bucks|%|\d|,|\.|per|/|v?cpu|core))"
)
NODES = re.compile(rf"{COUNT}\s*-?\s*nodes?\b")
REPLICAS = re.compile(rf"{COUNT}\s*-?\s*(?:replicas?|copies|pods?)\b(?!\s+set)")
NEGATIVE = re.compile(r"(?<![\w.)\]/:-])(?<!\d )(?:-|minus )\d[\d,.]*\s*\w*")
SOURCE_BEFORE = re.compile(
    r"\b(?:from|allow(?:s|ing|ed)?|sources?|open(?:ed)?|to|access|whitelist|allowlist|block|deny|only)\W*"
    r"(?:(?:for|from|to|ip|ips|range|ranges|addresses|traffic)\W*){0,3}$"
)
NAMED = re.compile(
    r"\b(?:called|named|name it|call it)\s+(?!(?:every|each|by|from|once|twice|when|on|at|in|daily|hourly|nightly|via|"
    r"with|only|for|to|a|an|the|after|weekly|monthly|regularly|periodically|automatically)\b)[\"'`]?([a-z][a-z0-9_-]{1,40})"
)
CIDR = re.compile(r"\b(\d{1,3}(?:\.\d{1,3}){3}/\d{1,2})\b")
ADDRESS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d./]\d|/)")
DOMAIN = re.compile(
    r"(?<![@\w.-])((?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|app|de|fr|uk|in|eu|ai|cloud|co|info|biz|shop|tech|"
    r"me|us|jp|test|example))\b"
)
NO_DOMAINS = ("socket.io", "asp.net")
EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
