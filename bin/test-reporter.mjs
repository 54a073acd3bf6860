// Mocha's reporter for `npm test`: one line per test file, the failures, and the counts in a JSON file.
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'

import Mocha from 'mocha'

const { Base } = Mocha.reporters

/** @typedef {'passed' | 'failed' | 'skipped'} Outcome */
/** @typedef {Record<Outcome, number> & { ms: number, printed?: number }} FileCounts */

export default class TestReporter extends Base {
  /**
   * @param {Mocha.Runner} runner
   * @param {Mocha.MochaOptions & { reporterOption?: { summary?: string } }} options
   */
  constructor(runner, options) {
    super(runner, options)
    /** @type {Record<Outcome, number>} */
    const counts = { passed: 0, failed: 0, skipped: 0 }
    /** @type {Map<string, FileCounts>} */
    const files = new Map()
    let current = ''

    /** @param {Mocha.Runnable} test */
    const fileOf = (test) => {
      const path = relative(process.cwd(), test.file ?? test.parent?.file ?? '')
      if (path !== current) finish()
      current = path
      const file = files.get(path) ?? { passed: 0, failed: 0, skipped: 0, ms: 0 }
      files.set(path, file)

      return file
    }
    /** @param {Outcome} key */
    const count = (key) => (/** @type {Mocha.Runnable} */ test) => {
      const file = fileOf(test)
      file[key]++
      file.ms += test.duration ?? 0
      counts[key]++
    }
    const finish = () => {
      const file = files.get(current)
      if (!file || file.printed === file.passed + file.failed + file.skipped) return
      file.printed = file.passed + file.failed + file.skipped
      const outcomes = /** @type {const} */ (['passed', 'failed', 'skipped'])
      const parts = outcomes.filter((key) => file[key] > 0).map((key) => `${file[key]} ${key}`)
      console.log(`${file.failed > 0 ? '✗' : '✓'} ${current}: ${parts.join(', ')} (${(file.ms / 1000).toFixed(1)} s)`)
    }

    runner.on('pass', count('passed'))
    runner.on('pending', count('skipped'))
    runner.on('fail', (test, /** @type {Error | undefined} */ error) => {
      count('failed')(test)
      console.log(`  ✗ ${test.fullTitle()}\n${indent(error?.message ?? String(error))}`)
    })
    let ended = false
    runner.on('end', () => (ended = true))
    process.once('exit', () => {
      finish()
      if (ended) this.epilogue()
      else {
        // When all its workers are killed at once, mocha exits as if all tests had passed.
        counts.failed++
        process.exitCode = 1
        console.log('✗ Mocha ended before the tests had: its workers were killed, or ran out of memory.')
      }
      if (options.reporterOption?.summary) writeFileSync(options.reporterOption.summary, JSON.stringify(counts))
    })
  }
}

/** @param {string} text */
const indent = (text) => text.replace(/^/gm, '      ')
