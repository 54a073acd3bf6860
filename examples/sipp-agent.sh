#!/bin/sh
# A plain SIP agent: it answers one call at AGENT (127.0.0.1:5090), talks for TALK milliseconds, and asks Baton by REFER for a handoff.
#   sh examples/sipp-agent.sh                  (with `npm start` in another terminal; then call +14155550100 there)
set -eu
agent=${AGENT:-127.0.0.1:5090}
scenario=$(dirname "$0")/../sipp-scenarios/uas-asks-transfer-released.xml
# The user of Refer-To is the handoff's name; its host is not looked at.
exec sipp -sf "$scenario" -m 1 -i "${agent%:*}" -p "${agent##*:}" -d "${TALK:-1000}" \
  -key refer_to "sip:${HANDOFF:-front-desk}@baton.example.com" -nostdin
