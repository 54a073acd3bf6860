import assert from 'node:assert/strict'
import { comparison } from '../../bench/comparison.ts'
import type { Measurement } from '../../bench/measure.ts'

describe('The table of the bench', () => {
  const kamailio: Measurement = {
    name: 'kamailio',
    cpuPer1000: 0.5,
    setup: { p50: 1, p99: 3 },
    memoryMiB: 40,
    failed: 0,
    retransmissions: 0,
    highestRate: 1500,
  }

  it('compares each system with the first, the yardstick, and with Baton', () => {
    const text = comparison([
      kamailio,
      { ...kamailio, name: 'baton', cpuPer1000: 0.4 },
      { ...kamailio, name: 'baton-drachtio', cpuPer1000: 0.8, failed: 2, highestRate: undefined },
    ])
    assert.deepEqual(
      text.split('\n').map((line) => line.split(/ {2,}/)),
      [
        [
          '',
          'CPU/1000 calls',
          'ratio',
          '× baton',
          'set-up p50',
          'p99',
          'memory',
          'failed',
          'sent twice',
          'highest rate',
        ],
        ['kamailio', '0.500 s', '1.00 ×', '1.25 ×', '1.0 ms', '3.0 ms', '40 MiB', '0', '0', '1500/s'],
        ['baton', '0.400 s', '0.80 ×', '1.00 ×', '1.0 ms', '3.0 ms', '40 MiB', '0', '0', '1500/s'],
        ['baton-drachtio', '0.800 s', '1.60 ×', '2.00 ×', '1.0 ms', '3.0 ms', '40 MiB', '2', '0', '–'],
      ],
    )
  })
})
