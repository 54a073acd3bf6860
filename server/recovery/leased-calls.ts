import type { Settings } from '../../config/index.ts'
import type { KeptCall } from '../calls/kept-call.ts'
import { journalSchemas } from './journal-schemas.ts'
import { leasedAddress, LeaseStore, type KeptTexts, type AddressLease } from './lease-store.ts'
import { heldText, SharedRecords } from './shared-records.ts'

interface LeaseLog {
  error(message: string, fields?: object): unknown
  info(message: string, fields?: object): unknown
}

/** What a standby has in memory of the Baton that it stands by for. */
export interface StandbyCalls {
  readonly texts: KeptTexts
  readonly lease: AddressLease
}

/** What Redis says at a start. */
export interface FoundCalls {
  /** Undefined where this Baton may not write. */
  readonly records: SharedRecords
  /** The calls that are to be taken up; undefined where those of the journal are newer. */
  readonly calls: readonly KeptCall[] | undefined
  /** The node that had the lease before, when it is another one. */
  readonly before: string | undefined
}

interface Taker {
  readonly node: string
  /** Whether the journal's folder is empty. */
  readonly isNew: boolean
  readonly log: LeaseLog
  readonly standby?: StandbyCalls | undefined
}

/** Undefined without Redis, and for an address that no other Baton can have. */
export async function openLease(
  settings: Pick<Settings, 'redisUrl' | 'sip' | 'drachtio' | 'drachtioListen' | 'nodeName'>,
): Promise<LeaseStore | undefined> {
  const { redisUrl } = settings
  const address = leasedAddress(settings)

  return redisUrl === undefined || address === undefined ? undefined : LeaseStore.open(redisUrl, address)
}

/**
 * Takes the lease, and decides whose records count: those of Redis after another Baton has had the address, or where the
 * journal is new, and the journal's otherwise. While another Baton holds the lease, none.
 */
export async function leasedCalls(store: LeaseStore, taker: Taker): Promise<FoundCalls> {
  const { node, isNew, log, standby } = taker
  const records = (epoch?: number): SharedRecords => new SharedRecords(store, { node, epoch }, log)
  try {
    const { epoch, before } = await store.take(node, standby?.lease.epoch)
    const isOther = before !== '' && before !== node
    if (epoch === 0) {
      log.error('calls that are up are not kept in Redis', { error: heldText(store.address, before) })

      return { records: records(), calls: [], before }
    }
    const calls = isOther || isNew ? callsIn(await store.calls(), log) : undefined

    return { records: records(epoch), calls, before: isOther ? before : undefined }
  } catch {
    // Redis does not answer: the lease is taken when it is back.
    const calls = standby && callsIn(standby.texts, log)

    return { records: records(), calls, before: standby?.lease.node }
  }
}

/** The calls of these texts, which begin with their schema. One of a later release is not read. */
function callsIn(texts: KeptTexts, log: LeaseLog): KeptCall[] {
  const calls = [...texts.values()].flatMap((text) => callIn(text) ?? [])
  const unread = texts.size - calls.length
  if (unread > 0) log.error('calls in Redis of another release of Baton are not read; they are lost', { calls: unread })

  return calls
}

function callIn(text: string): KeptCall | undefined {
  const end = text.indexOf(' ')
  const schema = Number(text.slice(0, Math.max(0, end)))
  if (!journalSchemas.reads(schema)) return undefined
  try {
    return journalSchemas.callOf(JSON.parse(text.slice(end + 1)), schema)
  } catch {
    return undefined
  }
}
