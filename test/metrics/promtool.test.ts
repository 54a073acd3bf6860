import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { createMetrics, definitions, engineDefinitions } from '../../metrics/index.ts'
import { needs, programPath } from '../harness/needs.ts'
import { KnownNumbers } from './known-numbers.ts'

const folder = fileURLToPath(new URL('../../metrics/prometheus/', import.meta.url))
const read = (name: string) => readFileSync(`${folder}${name}`, 'utf8')

interface RulesFile {
  groups: {
    rules: { alert: string; expr: string; labels: { severity: string }; annotations: Record<string, string> }[]
  }[]
}
const alerts = (parse(read('rules.yaml')) as RulesFile).groups.flatMap(({ rules }) =>
  rules.filter(({ alert }) => alert),
)

describe('what Prometheus is given', () => {
  needs('promtool')

  function promtool(args: string[], input?: string): void {
    const { status, stdout, stderr } = spawnSync(programPath('promtool') ?? 'promtool', args, {
      input,
      encoding: 'utf8',
    })
    assert.equal(status, 0, `${stdout}${stderr}`)
  }

  it('is a configuration that it takes', () => promtool(['check', 'config', `${folder}prometheus.yaml`]))
  it('has rules that it takes', () => promtool(['check', 'rules', `${folder}rules.yaml`]))
  it('has alerts that fire when they should, and not when all is well', () =>
    promtool(['test', 'rules', `${folder}rules.test.yaml`]))

  it('is an exposition without a fault', async () => {
    const metrics = createMetrics({ version: '1.2.3' })
    new KnownNumbers(metrics).round()
    promtool(['check', 'metrics'], await metrics.text())
  })
})

describe('the alert rules', () => {
  it('say what is wrong, how bad it is and what to do', () => {
    for (const { alert, labels, annotations } of alerts) {
      assert.match(labels.severity, /^(page|ticket)$/, alert)
      for (const part of ['summary', 'description', 'runbook']) assert.ok(annotations[part], `${alert} has no ${part}`)
    }
  })

  it('are each seen to fire in their tests', () => {
    const tests = read('rules.test.yaml')
    for (const { alert } of alerts) {
      assert.ok(tests.includes(`alertname="${alert}",alertstate="firing"`), `${alert} never fires`)
    }
  })

  it('ask for metrics that exist', () => {
    const known = [...Object.values(definitions), ...Object.values(engineDefinitions)].map(({ name }) => name)
    for (const { alert, expr } of alerts) {
      for (const [name] of expr.matchAll(/(?<![:\w])(baton|drachtio)_\w+/g)) {
        assert.ok(known.includes(name.replace(/_bucket$/, '')), `${alert} asks for ${name}`)
      }
    }
  })
})
