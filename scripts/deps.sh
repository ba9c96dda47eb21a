#!/bin/sh
# Installs what the tests need from Debian: Chromium. Without root it only says
# so, and the tests that need it skip.
if command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1; then
	exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
	echo "Chromium is missing: the tests that need it skip. To install it: sudo apt-get install -y chromium" >&2
	exit 0
fi
echo "installing chromium" >&2
apt-get update -q >/dev/null 2>&1
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium >/dev/null 2>&1 ||
	echo "Chromium could not be installed: the tests that need it skip" >&2
exit 0
