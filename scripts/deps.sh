#!/bin/sh
# Installs what the tests need from Debian: Chromium, and Dovecot with isync.
# Without root it only says so, and the tests that need them skip.
wanted=
have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
have chromium || have chromium-browser || have google-chrome || wanted="$wanted chromium"
[ -x /usr/lib/dovecot/imap ] || wanted="$wanted dovecot-imapd"
have mbsync || wanted="$wanted isync"
[ -n "$wanted" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
	echo "missing, so that the tests that need them skip:$wanted. To install: sudo apt-get install -y$wanted" >&2
	exit 0
fi
echo "installing$wanted" >&2
apt-get update -q >/dev/null 2>&1
for p in $wanted; do
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$p" >/dev/null 2>&1 ||
		echo "$p could not be installed: the tests that need it skip" >&2
done
exit 0
