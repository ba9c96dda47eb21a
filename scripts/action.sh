#!/bin/sh
# The step of action.yml that lints: inputs come by the environment, so that none of
# them is read as a command.
set -eu
set -f # paths are no patterns
paths=${LINT_PATHS:-.}
set -- lint
[ -z "${LINT_PROFILE:-}" ] || set -- "$@" "--profile=$LINT_PROFILE"
[ -z "${LINT_FAIL_ON:-}" ] || set -- "$@" "--fail-on=$LINT_FAIL_ON"
[ -z "${LINT_FORMAT:-}" ] || set -- "$@" "--format=$LINT_FORMAT"
[ -z "${LINT_OUTPUT:-}" ] || set -- "$@" "--output=$LINT_OUTPUT"
[ -z "${LINT_BASELINE:-}" ] || set -- "$@" "--baseline=$LINT_BASELINE"
[ -z "${LINT_CHANGED_SINCE:-}" ] || set -- "$@" "--changed-since=$LINT_CHANGED_SINCE"
# shellcheck disable=SC2086 # paths are parted here
exec "${PIXELSWEEP:-pixelsweep}" "$@" -- $paths
