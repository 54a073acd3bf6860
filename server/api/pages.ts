import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import staticFiles from '@fastify/static'
import type { Api } from './path-parts.ts'

/** The pages as the build has them, seen from the build and from the sources. */
const built = [new URL('../../web/', import.meta.url), new URL('../../dist/web/', import.meta.url)].map((url) =>
  fileURLToPath(url),
)

/** The addresses of the pages, as web/vite.config.ts writes them. */
const addressList = 'addresses.json'

/** Serves the operators' pages at `/`; without a build of them, `/` leads to the description of the API. */
export async function servePages(api: Api, folder = built.find(isBuilt)): Promise<void> {
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
