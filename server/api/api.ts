import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import cookie from '@fastify/cookie'
import fastify from 'fastify'
import staticFiles from '@fastify/static'
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Access, ConfiguredTokens } from '../access/index.ts'
import { auditChanges } from './audit-hooks.ts'
import { actorOf, admitRequests, type SignInListener } from './auth.ts'
import { refuseControlCharacters } from './bodies.ts'
import { budgetAnswers, defaultHttpLimits, guardDoor } from './http-limits.ts'
import { CallSearch } from './call-search.ts'
import { CallsOfPeers } from './calls-of-peers.ts'
import { describe } from './documentation.ts'
import { answerRefusals, pathOf } from './problems.ts'
import type { ApiLog, ApiParts } from './parts.ts'
import type { PeerBatons } from './peer-batons.ts'
import { LogRateLimiter } from '../log.ts'
import { analyticsPaths } from './paths/analytics-paths.ts'
import { callListPaths } from './paths/call-list-paths.ts'
import { callPaths } from './paths/call-paths.ts'
import { contextPaths } from './paths/context-paths.ts'
import { doctorPaths, healthPaths } from './paths/health-paths.ts'
import { environmentPaths } from './paths/environment-paths.ts'
import { eventPaths } from './paths/event-paths.ts'
import { trialPaths } from './paths/trial-paths.ts'
import { handoffPaths } from './paths/handoff-paths.ts'
import { historyPaths } from './paths/history-paths.ts'
import { oidcPaths } from './paths/oidc-paths.ts'
import { peoplePaths } from './paths/people-paths.ts'
import { sessionPaths } from './paths/session-paths.ts'
import { projectPaths, schemaPaths } from './paths/project-paths.ts'
import { targetPaths } from './paths/target-paths.ts'
import { audioPaths } from './paths/audio-paths.ts'
import { schedulePaths } from './paths/schedule-paths.ts'
import { switchPaths } from './paths/switch-paths.ts'
import { twilioPaths } from './paths/twilio-paths.ts'
import { twilioVoicePaths } from './paths/twilio-voice-paths.ts'
import { trunkPaths } from './paths/trunk-paths.ts'
import { versionPaths } from './paths/version-paths.ts'
import { webhookPaths } from './paths/webhook-paths.ts'
import type { Api } from './path-parts.ts'

import '../../base/typebox.ts'

/** The HTTP API, complete but not listening: `listen()` it, or `inject()` requests into it. */
export async function buildApi(parts: ApiParts): Promise<Api> {
  const { proxies = [], publicUrl } = parts
  const api = fastify({
    logger: false,
    bodyLimit: 256 * 1024,
    // Close idle keep-alive connections on shutdown: browsers open some that they have not used yet.
    forceCloseConnections: true,
    trustProxy: proxies.length > 0 && [...proxies],
    routerOptions: { maxParamLength: 500 },
  }).withTypeProvider<TypeBoxTypeProvider>()

  api.setValidatorCompiler(TypeBoxValidatorCompiler)
  // The schemas only describe the answers: an answer's new field is written before its schema has it.
  api.setSerializerCompiler(() => JSON.stringify)
  takeEmptyBodies(api)
  // A page of another site may send text/plain without a preflight request (CORS).
  api.removeContentTypeParser('text/plain')

  api.decorateRequest('audit')
  api.addHook('onRequest', (request, _reply, done) => {
    request.audit = {}
    done()
  })
  keepOutOfCaches(api)
  answerRefusals(api, parts.log)
  await guardDoor(api, parts.httpLimits ?? defaultHttpLimits, parts.observer)
  const { adminToken, tokens, access = new Access({ configured: new ConfiguredTokens(adminToken, tokens) }) } = parts
  const onSignIn = signInListener(parts)
  await api.register(cookie)
  admitRequests(api, access, onSignIn, publicUrl)
  logChanges(api, parts.log)
  if (parts.audit) auditChanges(api, parts.audit, parts.routing)
  budgetAnswers(api)
  refuseControlCharacters(api)
  if (parts.peers) askPeers(api, parts, parts.peers)
  const writeDocumentation = await describe(api, parts.version)

  healthPaths(api, parts)
  sessionPaths(api, { ...parts, access }, onSignIn)
  oidcPaths(api, parts, onSignIn)
  peoplePaths(api, parts)
  historyPaths(api, parts)
  doctorPaths(api, parts)
  callListPaths(api, parts)
  analyticsPaths(api, parts)
  callPaths(api, parts)
  contextPaths(api, parts)
  eventPaths(api, parts)
  projectPaths(api, parts)
  handoffPaths(api, parts)
  versionPaths(api, parts)
  environmentPaths(api, parts)
  switchPaths(api, parts)
  schedulePaths(api, parts)
  audioPaths(api, parts)
  trialPaths(api, parts)
  targetPaths(api, parts)
  trunkPaths(api, parts)
  twilioPaths(api, parts)
  twilioVoicePaths(api, parts)
  webhookPaths(api, parts)
  schemaPaths(api)
  await servePages(api, parts.pages)
  await api.ready()
  writeDocumentation()

  return api
}

/** The answers of one person are shown to no other who uses the same browser or proxy, and those of a role not to another role. */
function keepOutOfCaches(api: Api): void {
  api.addHook('onRequest', (request, reply, done) => {
    if (request.url.startsWith('/v1/')) void reply.header('cache-control', 'no-store')
    done()
  })
}

/** Failed sign-ins of a kind are logged once in so many milliseconds. */
const signInLogIntervalMs = 10_000

/** Counts every sign-in, and logs those that fail. */
function signInListener({ log, observer }: ApiParts): SignInListener {
  const failures = new LogRateLimiter(signInLogIntervalMs)

  return (result, request) => {
    observer?.signIn(result)
    if (result === 'accepted') return
    failures.log(result, (times) => {
      const { method, ip: from } = request
      log.warn('sign-in failed', { result, method, path: pathOf(request).slice(0, 200), from, times })
    })
  }
}

/** Requests about calls that this Baton does not have go to the Baton that has them. */
function askPeers(api: Api, parts: ApiParts, open: NonNullable<ApiParts['peers']>): void {
  let peers: PeerBatons | undefined
  let calls: CallsOfPeers | undefined
  api.addHook('onListen', async () => {
    const [at] = api.addresses()
    peers = typeof at === 'object' ? await open(at.port) : undefined
    calls = peers && new CallsOfPeers(peers, new CallSearch(parts))
  })
  api.addHook('onClose', () => peers?.close())
  api.addHook('preHandler', async (request, reply) => {
    request.audit.from = calls?.originOf(request)

    return (await calls?.answer(request, reply)) ? reply : undefined
  })
}

/** Logs each request that may change something, with its actor; a failed sign-in has a line of its own. */
function logChanges(api: Api, log: ApiLog): void {
  api.addHook('onResponse', (request, reply, done) => {
    if (request.method !== 'GET' && request.method !== 'HEAD' && reply.statusCode !== 401) {
      const { who, from } = actorOf(request)
      const { method } = request
      const path = pathOf(request)
      const seconds = Math.round(reply.elapsedTime) / 1000
      log.info('api request', { method, path, status: reply.statusCode, who, from, seconds })
    }
    done()
  })
}

/** Accepts an empty body as application/json: many clients send a content type with every request. */
function takeEmptyBodies(api: Api): void {
  const parseJson = api.getDefaultJsonParser('error', 'error')
  api.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else void parseJson(request, String(body), done)
  })
}

/** The pages as the build has them, seen from the build and from the sources. */
const built = [new URL('../../web/', import.meta.url), new URL('../../dist/web/', import.meta.url)].map((url) =>
  fileURLToPath(url),
)

/** The addresses of the pages, as web/vite.config.ts writes them. */
const addressList = 'addresses.json'

/** Serves the operators' pages at `/`; without a build of them, `/` leads to the description of the API. */
async function servePages(api: Api, folder = built.find(isBuilt)): Promise<void> {
  const open = { config: { access: 'open' as const }, schema: { hide: true } }
  if (folder === undefined || !isBuilt(folder)) {
    api.get('/', open, (_request, reply) => reply.redirect('/docs'))
    return
  }
  await api.register(staticFiles, { root: folder, serve: false, preCompressed: true })
  // Names of assets have their content's hash: what is kept is never old.
  api.get<{ Params: { file: string } }>('/assets/:file', open, (request, reply) =>
    reply.sendFile(`assets/${request.params.file}`, { maxAge: '1y', immutable: true }),
  )
  // Each address of a page is answered with the one document, which shows the page.
  for (const address of addressesIn(folder)) {
    api.get(address, open, (_request, reply) => reply.sendFile('index.html', { cacheControl: false }))
  }
}

/** The sources of the pages have no list of addresses. */
function isBuilt(folder: string): boolean {
  return existsSync(join(folder, addressList))
}

function addressesIn(folder: string): string[] {
  return JSON.parse(readFileSync(join(folder, addressList), 'utf8')) as string[]
}
