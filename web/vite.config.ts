import { createReadStream, createWriteStream, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { addresses } from './src/addresses.ts'

const baton = 'http://127.0.0.1:8080'
const outDir = join(import.meta.dirname, '../dist/web')

/** Writes each script and style sheet compressed, too: Baton compresses nothing while calls go on. */
const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  async closeBundle() {
    const assets = join(outDir, 'assets')
    const files = readdirSync(assets).filter((name) => /\.(?:js|css)$/.test(name))
    await Promise.all(
      files.map((name) =>
        pipeline(
          createReadStream(join(assets, name)),
          createGzip({ level: 9 }),
          createWriteStream(join(assets, `${name}.gz`)),
        ),
      ),
    )
  },
}

/** Tells the server which addresses are pages. */
const addressList: Plugin = {
  name: 'addresses',
  apply: 'build',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'addresses.json', source: JSON.stringify(addresses) })
  },
}

// `npx vite web` serves the pages while they are being written, with the API of a Baton on this machine.
export default defineConfig({
  plugins: [react(), addressList, compressed],
  root: import.meta.dirname,
  build: { outDir, emptyOutDir: true, reportCompressedSize: false, chunkSizeWarningLimit: 1500 },
  server: { proxy: { '/v1': baton, '/docs': baton } },
})
