"""Files that look like secrets, by their name or their content; they are never recorded."""

import re

NAME = re.compile(  # examples, which are meant to be shared, are left out
    r"""(?xi) (?!\.env\.(?:example|sample|template)$) (?:
    \.env(?:\..*|rc)? | .*\.env | \.(?:pgpass|npmrc|pypirc|htpasswd|git-credentials|dockercfg|s3cfg|boto)
    | id_(?:rsa|dsa|ecdsa|ed25519).* | .*\.(?:pem|key|p12|pfx|ppk|jks|keystore|kdbx|gpg|asc|age|secret|token)
    | .*\.(?:kubeconfig|tfvars|tfstate) | kubeconfig | config\.local | [._]netrc
    | credentials.* | .*credentials\.json | secrets?\..* | secrets.* | client_secret.* | service[-_]account.*
    | (?:.*[-_])?sa\.json | token(?:\..*)? | passwords?\..* | passwd.* | api[-_]?keys?\..* )$"""
)
FOLDER = re.compile(r"(?i)\.?secrets?|credentials|\.(?:ssh|aws|azure|gcloud|gnupg|kube)")

WORD = rb"(?:pass(?:word|wd|phrase)|db_?pass|pwd|secret|token|(?:api|access|account|private|secret)[-_]?key)"
# between a name and its value: the end of a subscript, an annotation, a bracket, a new line (of a diff, too)
SET = rb"""(?:\\?["']\]?)?\s*(?:[=:]|:[\w.|\[\] ]*=)[\s(+\\-]*"""
# a literal value, not a placeholder such as $NAME, {name}, <name>, ***, [NAME]
QUOTED = rb"""[rbu]{0,2}\\?["'](?![$<{*\[])[^\s"'\\]{6,}\\?["']"""
DIGIT = rb"(?=\S{0,99}\d)"
BARE = rb"""[^\s;&"'<>{}()\[\],\\=]{6,}=*"""
PLAIN = rb"""(?=[^\s]*\d)[\w.+/=!@#%^&~-]{6,}\s*$"""
_PATTERNS = {
    "a private key": rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY|PuTTY-User-Key-File-\d|AGE-SECRET-KEY-[1]",
    "a service account": rb"""\\?["'](?:type\\?["']\s*:\s*\\?["']service_account|private_key\\?["']\s*:)""",
    "a key of AWS": rb"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a key of Azure": rb"\bAccountKey=[\w+/]{40,}|[?&]sig=[\w%+/]{30,}",
    "a key of Google": rb"\bAIza[\w-]{35}|\bya29\.[\w-]{20,}|\bGOCSPX-[\w-]{20,}",
    # with the prefixes that their issuers document
    "a token": rb"\bgh[opsur]_\w{36}|\bgithub_pat_\w{22}|\bgl(?:pat|dt|ptt|rt|cbt|ft|oas|soat)-[\w-]{20}"
    rb"|\bxox[a-z]-[\w-]{10}|hooks\.slack\.com/services/\w+/\w+|\b[rs]k_(?:live|test)_\w{16}|\bsk-[\w-]{20}"
    rb"|\bhf_\w{30}|\bpypi-[\w-]{40}|\bnpm_\w{36}|\bdapi[0-9a-f]{32}|\bdo[opr]_v1_[0-9a-f]{64}"
    rb"|\bSG\.[\w-]{16,}\.[\w-]{16,}|\bhv[sb]\.[\w-]{24}|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
    "a password in an address": rb"""://[^\s/:@"'<>]*:(?!\d+/|[*$<{])[^\s"'<>]+@""",
    "a password": rb"""(?i:%(word)s(?:%(set)s%(quoted)s"""
    # a longer name such as PASSWORD_2; and in text: a connection string, a query, a command
    rb"""|(?<!token)(?<!secret)(?:\d|[_-](?!env|file|id|name|path))\w{0,30}%(set)s%(digit)s%(quoted)s"""
    rb"""|=(?![$<{*%%])(?:%(digit)s%(bare)s(?=\s|$)|%(bare)s[;&"'\\]))"""
    # after its name or a user's in a call or a pair: setdefault("TOKEN", "..."), auth=("me", "...")
    rb"""|\(\s*\\?["'][\w.-]*%(word)s\\?["']\s*,\s*(?:[^()]*\bdefault\s*=\s*)?%(digit)s%(quoted)s"""
    rb"""|(?:auth|login|credentials)(?:%(set)s)?\([^,()]{1,80},\s*%(quoted)s,?\s*\)"""
    rb"""|(?:\bbearer\s+%(digit)s|authorization%(set)s\\?["']?(?:bearer|basic|token)\s+)[\w.~+/=-]{8,}"""
    rb"""|^[-+ ]?[\s#]*(?:export\s+|-\s+)?[\w.-]*%(word)s["']?(?:=|\s*:\s|\s=\s)\s*(?![$<{*])%(plain)s"""
    rb"""|[ \t]--?[\w-]*%(word)s[=\s]+(?![-$<{*"'])[^\s"']{4,})"""
    % {b"word": WORD, b"set": SET, b"digit": DIGIT, b"quoted": QUOTED, b"bare": BARE, b"plain": PLAIN},
}
CONTENTS = {name: re.compile(pattern, re.MULTILINE) for name, pattern in _PATTERNS.items()}


def has_secret_name(path: str) -> bool:
    """Tell whether a path (with `/`) is named like a secret: the file, or a folder above it."""
    *folders, name = path.split("/")
    return bool(any(FOLDER.fullmatch(folder) for folder in folders) or NAME.match(name))


def kind_of_secret(content: bytes) -> str:
    """Return what in a file looks like a secret, e.g. "a password"; "" if nothing does. Reads UTF-16, too."""
    text = content.replace(b"\0", b"")
    return next((name for name, pattern in CONTENTS.items() if pattern.search(text)), "")


def redacted(content: bytes) -> bytes:
    """Return a file's content with `***` in place of whatever looks like a secret."""
    text = content.replace(b"\0", b"")
    for pattern in CONTENTS.values():
        text = pattern.sub(b"***", text)
    return text
