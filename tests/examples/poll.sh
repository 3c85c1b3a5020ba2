#!/usr/bin/env bash
# Prints the code that a command asks for:  OTPGATE_KEY=… poll.sh user@example.com ask-acme-for-a-code
# The cursor comes first, so an older code cannot match; each poll is held for up to 30 s until one comes.
set -euo pipefail
identifier=$1 && shift
api() { curl -fsS -H "x-api-key: $OTPGATE_KEY" "$@"; }
field() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

cursor=$(api -X POST "$OTPGATE_URL/v1/cursors" | field cursor)
"$@"
for _ in 1 2 3 4; do
  answer=$(api -G "$OTPGATE_URL/v1/codes/latest" --data-urlencode "identifier=$identifier" -d "after=$cursor&wait=30")
  value=$(field value <<<"$answer") && echo "$value" && exit
done
echo "poll.sh: $(field diagnosis <<<"$answer")" >&2
exit 3
