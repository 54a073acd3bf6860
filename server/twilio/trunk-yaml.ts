/** The trunk of Baton for calls from Twilio, with the signalling addresses that Twilio publishes for its regions. */
export const twilioTrunkYaml = `trunks:
  - name: twilio
    peers:
      - 54.172.60.0/30 # Virginia
      - 54.244.51.0/30 # Oregon
      - 54.171.127.192/30 # Ireland
      - 35.156.191.128/30 # Frankfurt
      - 54.65.63.192/30 # Tokyo
      - 54.169.127.128/30 # Singapore
      - 54.252.254.64/30 # Sydney
      - 177.71.206.192/30 # Sao Paulo
    # The termination domain of the trunk in your account, for calls from Baton; without one leave the line out.
    gateways: ['sip:example.pstn.twilio.com']
    number_format: e164
    refer_to: sip_phone
`
