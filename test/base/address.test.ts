import assert from 'node:assert/strict'
import { isLoopback } from '../../base/address.ts'

describe('a loopback address', () => {
  for (const host of ['127.0.0.1', '127.8.9.10', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', 'localhost']) {
    it(`is ${host}`, () => {
      assert.equal(isLoopback(host), true)
    })
  }

  for (const host of ['0.0.0.0', '128.0.0.1', '10.0.0.1', '::', 'fe80::1', '::ffff:10.0.0.1', 'localhost.example']) {
    it(`is not ${host}`, () => {
      assert.equal(isLoopback(host), false)
    })
  }
})
