import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { defined } from '../../base/defined.ts'
import type { Settings } from '../../config/index.ts'
import { DocumentFiles, DocumentRedis, KeptDocument, openRedis, type StoreLog } from '../../routes/index.ts'
import {
  type AccountCall,
  type AccountNumber,
  type AccountState,
  type AccountTrunk,
  type TwilioAccount,
  TwilioRefused,
} from './account.ts'
import { madeAddresses, madeCredentials, madeTrunk, type AccountChange } from './changes.ts'
import {
  connectionFor,
  otherNumbers,
  trunkOf,
  unknownNumbers,
  useOf,
  type AccountConnection,
  type DesiredConnection,
} from './connection.ts'
import { connectionPlan } from './connection-plan.ts'
import { disconnectionPlan } from './disconnection-plan.ts'
import { driftFindings, registrationNote, type DriftFinding } from './drift.ts'
import { openRestAccount, type TwilioCredentials } from './rest-account.ts'
import { SecretBox } from './secret-box.ts'

/** The kept document: undefined fields while nothing is connected. */
interface Kept {
  connection?: KeptConnection
}

/** Written before anything is changed in the account. */
interface KeptConnection extends AccountConnection {
  readonly accountSid: string
  readonly apiKey?: string
  /** The secret or auth token, encrypted with SECRETS_KEY. */
  readonly sealed: string
}

/** What is connected, without secrets. */
export interface ConnectionStatus {
  readonly connected: boolean
  readonly accountSid?: string
  readonly apiKey?: string
  readonly name?: string
  readonly wanted?: DesiredConnection
}

/** What would be changed in the account, and the numbers that it has, each with its use in words. */
export interface ShownPlan {
  readonly numbers: readonly (AccountNumber & { readonly use?: string })[]
  /** The trunks that could be taken over, and the connection's own. */
  readonly trunks: readonly AccountTrunk[]
  readonly changes: readonly AccountChange[]
  /** Numbers that are not chosen, and whose calls go to Baton, too: they are on the trunk that is taken over. */
  readonly others: readonly string[]
}

/** What has drifted in the account, and the changes that bring back what was connected. */
export interface Drift {
  readonly findings: readonly DriftFinding[]
  readonly changes: readonly AccountChange[]
  /** Numbers that the account no longer has. */
  readonly missing: readonly string[]
}

/** A finding of `doctor`. */
export interface TwilioCheck {
  check: string
  state: 'ok' | DriftFinding['state']
  detail: string
  hint?: string
}

/** What an admin asks for. Credentials may be left out once they are kept. */
export interface ConnectionRequest {
  credentials?: TwilioCredentials
  wanted: DesiredConnection
  /** Of the termination's user; it is given to Twilio and not kept. */
  password?: string
}

/** The connection to one Twilio account: shown beforehand, made, checked for drift, and taken away again. */
export class TwilioConnection {
  readonly #kept: KeptDocument<Kept>
  readonly #box: SecretBox | undefined
  readonly #open: (credentials: TwilioCredentials) => Promise<TwilioAccount>
  readonly #closeStore: () => void
  /** Changes of the account run one after the other. */
  #last: Promise<unknown> = Promise.resolve()

  private constructor(
    kept: KeptDocument<Kept>,
    box: SecretBox | undefined,
    open: (credentials: TwilioCredentials) => Promise<TwilioAccount>,
    closeStore: () => void,
  ) {
    this.#kept = kept
    this.#box = box
    this.#open = open
    this.#closeStore = closeStore
  }

  /** @param baseUrl of a stand-in for Twilio */
  static async open(
    { redisUrl, dataDir, secretsKey }: Pick<Settings, 'redisUrl' | 'dataDir' | 'secretsKey'>,
    log: StoreLog,
    baseUrl?: string,
  ): Promise<TwilioConnection> {
    const redis = redisUrl === undefined ? undefined : await openRedis(redisUrl)
    const kept = await KeptDocument.open<Kept>({
      store: redis
        ? new DocumentRedis(redis.client, 'baton:twilio')
        : new DocumentFiles(join(dataDir, 'twilio'), 'twilio'),
      ...{ log, what: 'the connection to Twilio and its numbers', empty: {}, read: readKept },
    })
    const box = secretsKey === undefined ? undefined : new SecretBox(secretsKey)

    return new TwilioConnection(
      kept,
      box,
      (credentials) => openRestAccount(credentials, baseUrl),
      () => {
        kept.close()
        redis?.close()
      },
    )
  }

  status(): ConnectionStatus {
    const connection = this.#kept.now?.connection
    if (!connection) return { connected: false }
    const { accountSid, apiKey, name, wanted } = connection

    return { connected: true, accountSid, name, wanted, ...defined({ apiKey }) }
  }

  /** The changes that `connect` would make. Nothing is changed, and nothing is kept. */
  async plan({ credentials, wanted }: ConnectionRequest): Promise<ShownPlan> {
    const state = await this.#read(credentials)
    const former = this.#kept.now?.connection
    checked(state, wanted, former)
    const numbers = state.numbers.map((number) => ({ ...number, ...defined({ use: useOf(state, number) }) }))
    const changes = connectionPlan(state, connectionFor(state, former, former?.name ?? 'baton', wanted))

    return { numbers, trunks: state.trunks, changes, others: otherNumbers(state, wanted) }
  }

  async drift(): Promise<Drift> {
    const former = this.#connected()
    const state = await this.#read()
    const { name, wanted } = former
    // A trunk that was taken over and is deleted cannot be brought back.
    const isGone = wanted.trunkSid !== undefined && !trunkOf(state, former)

    return {
      findings: driftFindings(state, former),
      changes: isGone ? [] : connectionPlan(state, connectionFor(state, former, name, wanted)),
      missing: unknownNumbers(state, wanted),
    }
  }

  /** The findings of `doctor`; none while nothing is connected. */
  async checks(): Promise<TwilioCheck[]> {
    const connection = this.#kept.now?.connection
    if (!connection) return []
    const check = `twilio ${connection.name}`
    try {
      const { findings } = await this.drift()
      const numbers = connection.wanted.numbers.join(', ')
      const well = findings.length === 0 ? `the account is as it was connected: ${numbers}` : undefined

      return [
        ...findings.map((finding) => ({ check, ...finding })),
        ...(well === undefined ? [] : [{ check, state: 'ok', detail: well } as const]),
        { check, state: 'ok', detail: registrationNote },
      ]
    } catch (error) {
      if (!(error instanceof TwilioRefused)) throw error
      const hint = 'Look at the card Twilio on the page Numbers & trunks.'

      return [{ check, state: 'warning', detail: `the account cannot be checked: ${error.detail}`, hint }]
    }
  }

  /** Makes the changes one after the other. After a failure, the same request goes on where it stopped. */
  connect(request: ConnectionRequest): Promise<AccountChange[]> {
    return this.#alone(async () => {
      const { credentials, wanted, password } = request
      const account = await this.#account(credentials)
      const state = await account.read()
      checked(state, wanted, this.#kept.now?.connection)
      const changes = connectionPlan(state, await this.#keep(credentials, wanted, state))
      if (password === undefined && changes.some(({ call }) => call.kind === 'add_user')) {
        throw new TwilioRefused('twilio_refused', 'The user of the termination is new, and needs a password.')
      }
      await applyAll(account, changes, password)

      return changes
    })
  }

  /** The changes that `disconnect` would make. */
  async disconnection(): Promise<readonly AccountChange[]> {
    return disconnectionPlan(await this.#read(), this.#connected())
  }

  /** Takes away what Baton has made in the account, then forgets the credentials. */
  disconnect(): Promise<AccountChange[]> {
    return this.#alone(async () => {
      const connection = this.#connected()
      const account = await this.#account()
      const changes = disconnectionPlan(await account.read(), connection)
      await applyAll(account, changes)
      await this.#kept.change(() => ({}))

      return changes
    })
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await this.#last
    this.#closeStore()
  }

  #alone<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#last.then(act)
    this.#last = done.catch(() => undefined)

    return done
  }

  #connected(): KeptConnection {
    const connection = this.#kept.now?.connection
    if (!connection) {
      throw new TwilioRefused('not_connected', 'Connect a Twilio account first: npx baton twilio connect.')
    }

    return connection
  }

  async #read(credentials?: TwilioCredentials): Promise<AccountState> {
    return (await this.#account(credentials)).read()
  }

  #account(given?: TwilioCredentials): Promise<TwilioAccount> {
    const box = this.#needsBox()
    const connection = this.#kept.now?.connection
    if (given) {
      if (connection && connection.accountSid !== given.accountSid) {
        const detail = `${connection.accountSid} is connected. Disconnect it first: Baton has one account.`
        throw new TwilioRefused('other_account', detail)
      }

      return this.#open(given)
    }
    const { accountSid, apiKey, sealed } = this.#connected()

    return this.#open({ accountSid, secret: box.open(sealed, accountSid), ...defined({ apiKey }) })
  }

  #needsBox(): SecretBox {
    if (this.#box) return this.#box
    throw new TwilioRefused(
      'no_secrets_key',
      'Set SECRETS_KEY, which the credentials are encrypted with, and start Baton again: openssl rand -base64 32 prints a key.',
    )
  }

  /** Keeps what is wanted and how numbers were used, before anything is changed in the account. */
  async #keep(
    given: TwilioCredentials | undefined,
    wanted: DesiredConnection,
    state: AccountState,
  ): Promise<KeptConnection> {
    const box = this.#needsBox()
    const { connection } = await this.#kept.change(({ connection: present }) => {
      const credentials = given
        ? {
            ...{ accountSid: given.accountSid, sealed: box.seal(given.secret, given.accountSid) },
            ...defined({ apiKey: given.apiKey }),
          }
        : undefined
      const base = credentials ?? present
      if (!base) throw new TwilioRefused('not_connected', 'Give the account SID with an API key and its secret.')
      const { accountSid, apiKey, sealed } = base
      const name = present?.name ?? `baton-${randomBytes(4).toString('hex')}`
      const kept = { accountSid, sealed, ...connectionFor(state, present, name, wanted), ...defined({ apiKey }) }

      return { connection: kept }
    })
    if (!connection) throw new TwilioRefused('not_connected', 'The connection was taken away at the same time.')

    return connection
  }
}

/** @throws TwilioRefused when the account lacks a number or the trunk, or another trunk is connected */
function checked(state: AccountState, wanted: DesiredConnection, former: AccountConnection | undefined): void {
  const [unknown] = unknownNumbers(state, wanted)
  if (unknown !== undefined) throw new TwilioRefused('unknown_number', `The account has no number ${unknown}.`)
  const { trunkSid } = wanted
  if (former && former.wanted.trunkSid !== trunkSid) {
    const present = former.wanted.trunkSid ?? `${former.name}, which Baton has made`
    throw new TwilioRefused('other_trunk', `The trunk ${present} is connected. Disconnect it first.`)
  }
  if (trunkSid !== undefined && !state.trunks.some(({ sid }) => sid === trunkSid)) {
    throw new TwilioRefused('no_trunk', `The account has no SIP trunk ${trunkSid}.`)
  }
}

async function applyAll(account: TwilioAccount, changes: readonly AccountChange[], password?: string): Promise<void> {
  const made = new Map<string, string>()
  for (const { call } of changes) {
    const sid = await account.apply(withMade(call, made), call.kind === 'add_user' ? password : undefined)
    if (sid === undefined) continue
    if (call.kind === 'create_trunk') made.set(madeTrunk, sid)
    if (call.kind === 'create_credentials') made.set(madeCredentials, sid)
    if (call.kind === 'create_addresses') made.set(madeAddresses, sid)
  }
}

/** The call with the SIDs of what this plan has made. */
function withMade(call: AccountCall, made: ReadonlyMap<string, string>): AccountCall {
  const { trunk, list } = call as { trunk?: string; list?: string }

  return { ...call, ...defined({ trunk: trunk && (made.get(trunk) ?? trunk), list: list && (made.get(list) ?? list) }) }
}

function readKept(text: string): Kept | undefined {
  try {
    return JSON.parse(text) as Kept
  } catch {
    return undefined
  }
}
