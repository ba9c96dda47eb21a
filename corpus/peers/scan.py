"""The obvious Python: email, html.parser, and 200 regexes on every URL."""
import email, glob, os, re, sys
from html.parser import HTMLParser

PATHS = ["/open", "/track/open", "/wf/open", "/o/", "/e/o/", "/pixel", "/beacon", "/imp", "/t/", "/trk"]
HOSTS = ["list-manage.com", "sendgrid.net", "mailgun.org", "hubspotemail.net", "mandrillapp.com", "klaviyomail.com",
         "mjt.lu", "awstrack.me", "pstmrk.it", "rs6.net", "createsend.com", "customeriomail.com", "exct.net",
         "mktoresp.com", "doubleclick.net", "convertkit-mail.com", "sendibt3.com", "substack.com", "litmus.com", "mixmax.com"]
RULES = [re.compile(r"https?://([^/]*\.)?" + re.escape(h) + r"[^?#]*" + p) for h in HOSTS for p in PATHS]


class References(HTMLParser):
    def __init__(self):
        super().__init__()
        self.urls = []

    def handle_starttag(self, tag, attrs):
        self.urls += [v for k, v in attrs if k in ("src", "href", "background") and v]


messages = hits = 0
for path in glob.glob(os.path.join(sys.argv[1], "*.eml")):
    with open(path, "rb") as f:
        message = email.message_from_binary_file(f)
    messages += 1
    for part in message.walk():
        if part.get_content_type() != "text/html":
            continue
        try:
            text = (part.get_payload(decode=True) or b"").decode(part.get_content_charset() or "utf-8", "replace")
        except LookupError:
            text = part.get_payload(decode=True).decode("latin-1")
        reader = References()
        try:
            reader.feed(text)
        except Exception:
            pass
        hits += sum(any(r.match(u) for r in RULES) for u in reader.urls)
print(messages, hits)
