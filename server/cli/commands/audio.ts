import { readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Command } from 'commander'
import type { AudioView } from '../../api/index.ts'
import { del, get, path, type ApiRequest, CommandFailure } from '../api-request.ts'
import { withContext, type CommandIo, type CommonOptions } from '../command-context.ts'
import { columns, printable } from '../terminal-text.ts'

interface AudioOptions extends CommonOptions {
  project?: string
}

/** `baton audio …`: the audio files of a draft, which handoffs play. */
export function audioCommands(program: Command, io: CommandIo): void {
  const audio = program.command('audio').description('audio files of the draft: list, put, get, delete')
  const inProject = (command: Command): Command => command.option('--project <project>', 'default: the only one')

  withContext<AudioOptions>(
    io,
    inProject(
      audio
        .command('list', { isDefault: true })
        .description('the files, how long and loud each is, and which handoffs play it'),
    ),
    'store',
    async (context, { project }) => {
      const url = path`/v1/projects/${await context.project(project)}/audio`
      await context.ask<{ audio: AudioView[] }>(get(url), listText)
    },
  )

  withContext<AudioOptions & { name?: string }>(
    io,
    inProject(
      audio
        .command('put <file>')
        .description('keep a WAV file with the draft, or replace it; it is played once the draft is promoted')
        .option('--name <name>', 'such as music.wav (default: that of the file)'),
    ),
    'store',
    async (context, { project, name }, [file = '']) => {
      const body = await readFile(file).catch((error: unknown) => {
        throw new CommandFailure(`${file} cannot be read: ${String(error)}`)
      })
      const url = path`/v1/projects/${await context.project(project)}/audio/${name ?? basename(file)}`
      const request: ApiRequest = { method: 'PUT', path: url, headers: { 'content-type': 'audio/wav' }, body }
      await context.ask<AudioView>(request, (view) => listText({ audio: [view] }) + warningsOf(view))
    },
  )

  withContext<AudioOptions & { output: string }>(
    io,
    inProject(
      audio
        .command('get <name>')
        .description('write a file of the draft, to listen to it')
        .requiredOption('--output <file>', 'the file to write'),
    ),
    'store',
    async (context, { project, output }, [name = '']) => {
      const url = path`/v1/projects/${await context.project(project)}/audio/${name}`
      const { bytes = Buffer.alloc(0) } = await context.send(get(url))
      await writeFile(output, bytes).catch((error: unknown) => {
        throw new CommandFailure(`${output} cannot be written: ${String(error)}`)
      })
      context.print({ file: output, bytes: bytes.length }, () => `Wrote ${bytes.length} bytes to ${output}.\n`)
    },
  )

  withContext<AudioOptions>(
    io,
    inProject(
      audio
        .command('delete <name>')
        .description(
          'take a file out of the draft; refused while handoffs play it. Versions keep the files that they have',
        ),
    ),
    'store',
    async (context, { project }, [name = '']) => {
      const url = path`/v1/projects/${await context.project(project)}/audio/${name}`
      await context.ask(del(url), () => `Deleted ${printable(name)} from the draft.\n`)
    },
  )
}

function listText({ audio }: { audio: AudioView[] }): string {
  if (audio.length === 0) return 'No audio files.\n'

  return columns(
    ['NAME', 'SECONDS', 'RATE', 'CHANNELS', 'PEAK', 'PLAYED BY', 'DIGEST'],
    audio.map(({ name, seconds, sampleRate, channels, peakDb, usedBy, digest }) => [
      ...[name, seconds, sampleRate, channels, `${peakDb} dB`, usedBy.join(', ') || '-', digest.slice(0, 19)],
    ]),
  )
}

function warningsOf({ warnings }: AudioView): string {
  return warnings.map((warning) => `Warning: ${warning}.\n`).join('')
}
