import assert from 'node:assert/strict'
import { type BrakeOptions, LoopLag, OverloadBrake } from '../../../engine/overload/index.ts'
import { FakeClock } from '../fake-clock.ts'

const off = { rate: 0, lag: 0, calls: 0, emergencyNumbers: [] }

function brakeWith(options: Partial<BrakeOptions>) {
  const clock = new FakeClock()
  const said: string[] = []
  const brake = new OverloadBrake({
    ...off,
    clock,
    began: (reason) => said.push(`began ${reason}`),
    ended: (refused) => said.push(`ended ${refused}`),
    ...options,
  })

  return { clock, brake, said }
}

describe('the overload brake', () => {
  it('lets as many new calls in as come, when nothing is set', () => {
    const { brake } = brakeWith({})
    brake.lag = () => 10_000
    brake.calls = () => 10_000
    for (let i = 0; i < 1000; i++) brake.took()
    assert.equal(brake.reason, undefined)
  })

  it('lets so many in a second, and no more', () => {
    const { brake, clock } = brakeWith({ rate: 10 })
    const inOneGo = () => {
      let taken = 0
      for (; brake.reason === undefined; taken++) brake.took()

      return taken
    }
    assert.equal(inOneGo(), 10)
    assert.equal(brake.reason, 'rate')
    clock.advance(100)
    assert.equal(inOneGo(), 1)
    clock.advance(500)
    assert.equal(inOneGo(), 5)
    clock.advance(60_000)
    assert.equal(inOneGo(), 10, 'a pause is not saved up')
  })

  it('lets none in while the event loop is late, or while there are too many calls', () => {
    const { brake } = brakeWith({ lag: 100, calls: 2 })
    let [lag, calls] = [100, 1]
    brake.lag = () => lag
    brake.calls = () => calls
    assert.equal(brake.reason, undefined)
    calls = 2
    assert.equal(brake.reason, 'calls')
    lag = 101
    assert.equal(brake.reason, 'lag')
    ;[lag, calls] = [0, 1]
    assert.equal(brake.reason, undefined)
  })

  it('asks those that it refuses to come back at different times', () => {
    const { brake } = brakeWith({})
    const seconds = new Set(Array.from({ length: 500 }, () => brake.refuse('rate')))
    assert.deepEqual([Math.min(...seconds), Math.max(...seconds), seconds.size], [5, 15, 11])
    brake.close()
  })

  it('counts each refusal, tells of each burst once, and leaves no timer', () => {
    const { brake, clock, said } = brakeWith({ rate: 1 })
    for (let i = 0; i < 40; i++) {
      brake.refuse('rate')
      clock.advance(250)
    }
    assert.deepEqual(said, ['began rate'])
    clock.advance(5000)
    assert.deepEqual(said, ['began rate', 'ended 40'])
    brake.refuse('lag')
    clock.advance(6000)
    assert.deepEqual(said.slice(2), ['began lag', 'ended 1'])
    assert.deepEqual(
      [...brake.counts],
      [
        ['rate', 40],
        ['lag', 1],
      ],
    )
    assert.equal(clock.size, 0)
    brake.refuse('calls')
    brake.close()
    assert.equal(clock.size, 0)
  })
})

describe('a call for help', () => {
  const { brake } = brakeWith({ emergencyNumbers: ['112', '911'] })
  const called = (uri: string, to?: string, ...priorities: string[]) => brake.isEmergencyCall({ uri, to, priorities })

  it('is known by its number, by urn:service:sos and by its priority', () => {
    for (const uri of [
      'sip:112@host',
      'sips:911@host;x=y',
      'tel:9-1-1',
      'tel:112;phone-context=+49',
      'SIP:911;cpc=1@h',
    ]) {
      assert.ok(called(uri), uri)
    }
    assert.ok(called('urn:service:sos') && called('URN:SERVICE:sos.fire'))
    assert.ok(called('sip:psap@host', 'urn:service:sos.ambulance'))
    assert.ok(called('sip:a@b', undefined, 'esnet.0') && called('sip:a@b', undefined, 'dsn.flash, wps.1'))
  })

  it('is no other', () => {
    for (const uri of [
      'sip:1120@host',
      'sip:+14155550112@host',
      'sip:112',
      'urn:service:sosnot',
      'sip:a@112',
      '',
      'sip:',
    ]) {
      assert.equal(called(uri, uri), uri === 'sip:112', uri)
    }
    assert.ok(!called('sip:a@b', undefined, 'dsn.flash', 'xesnet.1', 'esnet'))
  })
})

describe('the lag of the event loop', () => {
  it('is how late a timer came, or for how long there has been no idle moment', () => {
    const loop = new LoopLag()
    loop.sample(50, 0.4)
    assert.equal(loop.lag, 0)
    loop.sample(350, 0.5)
    assert.equal(loop.lag, 300)
    for (let i = 0; i < 10; i++) loop.sample(60, 0.999)
    assert.equal(loop.lag, 600)
    loop.sample(50, 0.9)
    assert.equal(loop.lag, 0)
  })

  it('is measured in this process', async () => {
    const loop = new LoopLag()
    const sample = loop.sample.bind(loop)
    const sampled = new Promise<number>((resolve) => {
      loop.sample = (...args) => {
        sample(...args)
        resolve(loop.lag)
      }
    })
    loop.start()
    try {
      const until = performance.now() + 300
      while (performance.now() < until);
      const lag = await sampled
      assert.ok(lag >= 200, `${lag} ms`)
    } finally {
      loop.stop()
    }
    assert.equal(loop.lag, 0)
  })
})
