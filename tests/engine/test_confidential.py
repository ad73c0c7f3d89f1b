"""What looks like a secret in code. $ stands for one, since this file is recorded, and ¶ for a new line."""

import pytest
from penguins.engine.lineage import confidential

HIDDEN = "hunter22"
SECRETS = r"""
os.environ['PGPASSWORD'] = '$'
os.environ.setdefault("API_KEY", "$")
parser.add_argument("--password", type=str, default="$", help="of the database")
def load(password: str = '$', retries: int = 3) -> None:
password: str | None = b"$"
if password := "$":
DB_PASSWORD_PROD = "$"
DB_PASS = "$"
requests.get(url, auth=('me', '$'))
session.auth = HTTPBasicAuth(user, "$")
    "smtp.login(\"me\", \"$\")\n",
headers={'Authorization': 'Bearer $'}
headers["Authorization"] = "Basic $"
headers["X-API-Key"] = "$"
curl -H "Accept: */*" -H "X: bearer $"
"Server=db;User Id=me;Password=$;Encrypt=yes"
"host=db user=me password=$"
cmd: PGPASSWORD=$ python -m package
pd.read_csv("https://example.com/x.csv?a=1&token=$")
# https://example.com/x.csv?api_key=$&a=1
password = (¶    "$"¶)
+password = (¶+    "$"¶+)
-token = \¶-    '$'
"""
HARMLESS = r"""
password = os.environ["PGPASSWORD_1"]
password = os.environ.get("PGPASSWORD_1")
password = getpass("Password: ")
password = st.text_input("Password", type="password")
password_file = "/run/secrets/database1"
def log_in(password: str, name: str = "anonymous") -> None:
def log_in(password: str) -> None:¶    '''Ask.'''
connect(user=user, password=password1, host="x1")
connect(¶    password=settings.password,¶)
secret_key=None
secret = secrets.token_hex(16)
secret_version = "version-2"
token = tokenizer(x)
token = tokenizer("words_1")
-# removed¶-token = tokenizer(x)
tokens = ["a b"]
tokenizer = "bert-base-uncased-2"
token_pattern = r"(?u)\b\w\w+\b"
token_type_ids = "int64_x"
max_tokens="auto"
n_token=10, more=1
mask_token: str = "[MASK]"
labels[token] = "positive"
columns = ["token", "lemma_1", "position"]
click.option("--api-key", "api_key")
os.environ["TOKENIZERS_PARALLELISM"] = "false"
auth=(user, password)
auth = HTTPBasicAuth(os.environ["USER_1"], os.environ["PASSWORD_1"])
auth = ("header_1", "header_2", "header_3")
authors = ("Lovelace", "Hopper")
login_parser.add_argument("-n", "--name1", help="x")
headers = {"Authorization": f"Bearer {token}"}
headers = {"Authorization": "Bearer " + token}
cmd: PGPASSWORD=$DATABASE_1 python -m package
bearer tokens (RFC 6750), basic features1
f"Server=db;Password={password};"
"https://example.com/x?token=" + token
"https://example.com/x?token=<yours>"
"""


@pytest.mark.parametrize("sample", SECRETS.strip("\n").split("\n"))
def test_a_secret_in_code_is_seen(sample: str) -> None:
    code = sample.replace("¶", "\n").replace("$", HIDDEN).encode()
    assert confidential.kind_of_secret(code) == "a password"
    assert HIDDEN.encode() not in confidential.redacted(code)
    assert not confidential.kind_of_secret(sample.encode())


@pytest.mark.parametrize("sample", HARMLESS.strip("\n").split("\n"))
def test_code_without_a_secret_is_recorded(sample: str) -> None:
    assert not confidential.kind_of_secret(sample.replace("¶", "\n").encode())
