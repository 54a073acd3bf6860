import type { MediaTerms } from '../media-port.ts'
import type { NgDictionary, NgValue } from './bencode.ts'

const protocols = { rtp: 'RTP/AVP', srtp: 'RTP/SAVP', dtls: 'UDP/TLS/RTP/SAVPF' } as const

/**
 * The suites that are not offered (RFC 4568 6.2): AES_CM_128_HMAC_SHA1_80 and _32 are left, which every SRTP device knows. Some
 * devices refuse an offer that has too many.
 */
const unofferedSuites = [
  ...['AEAD_AES_256_GCM', 'AEAD_AES_128_GCM', 'AES_256_CM_HMAC_SHA1_80', 'AES_256_CM_HMAC_SHA1_32'],
  ...['AES_192_CM_HMAC_SHA1_80', 'AES_192_CM_HMAC_SHA1_32', 'F8_128_HMAC_SHA1_80', 'F8_128_HMAC_SHA1_32'],
  ...['NULL_HMAC_SHA1_80', 'NULL_HMAC_SHA1_32'],
].map((suite) => `no-${suite}`)

/**
 * The fields of `offer` and `answer` that say how the description is rewritten for the other side. RTP is taken from the
 * address of the sender's description alone, or behind NAT from the one that it comes from first.
 */
export function descriptionFields(terms: MediaTerms): NgDictionary {
  const { encryption, transcode = [], family, ptimeMs, ice, isBehindNat = false } = terms
  const flags: NgValue[] = ['strict-source', ...(isBehindNat ? [] : ['asymmetric'])]

  return {
    flags,
    replace: ['origin', 'session-connection'],
    'transport-protocol': encryption && protocols[encryption],
    ...(encryption === 'srtp' && { DTLS: 'off', SDES: unofferedSuites }),
    ...(encryption === 'dtls' && { SDES: ['off'], 'rtcp-mux': ['offer', 'require'] }),
    ...((encryption === 'rtp' || encryption === 'srtp') && { 'rtcp-mux': ['demux'] }),
    ICE: ice ?? (encryption === 'dtls' ? 'force' : encryption && 'remove'),
    'address-family': family,
    ptime: ptimeMs,
    codec: transcode.length > 0 ? { transcode } : undefined,
  }
}
