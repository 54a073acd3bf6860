import { text as textOf } from 'node:stream/consumers'
import { run } from './run.ts'

// A reader that closes the pipe (`baton calls | head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  out: (text) => process.stdout.write(text),
  bytes: (bytes) => process.stdout.write(bytes),
  err: (text) => process.stderr.write(text),
  input: () => textOf(process.stdin),
})
