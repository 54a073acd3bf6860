import { Type, type Static } from 'typebox'
import { usesOfAudio, type AudioCommand, type Table } from '../../../routes/index.ts'
import { readWav } from '../../audio/index.ts'
import { actorOf } from '../auth.ts'
import type { ApiParts } from '../parts.ts'
import { answers, entityTag, IfMatch, OneProject, ProjectName, wantedDigest, type Api } from '../path-parts.ts'
import { ApiRefusal } from '../problems.ts'

const tags = ['drafts']
/** Five minutes of 16 kHz, 16 bits, and some room. */
const maxAudioBytes = 10 * 1024 * 1024
const maxAudioFiles = 100
const audioTypes = ['audio/wav', 'audio/x-wav', 'audio/wave', 'audio/vnd.wave', 'application/octet-stream']

const OneAudio = Type.Object({
  project: ProjectName,
  name: Type.String({ minLength: 1, maxLength: 64, examples: ['sales.wav'] }),
})
const AudioView = Type.Object({
  name: Type.String({ examples: ['sales.wav'] }),
  digest: Type.String({ examples: ['sha256:5d41402abc4b2a76'] }),
  bytes: Type.Integer({ examples: [64_044] }),
  seconds: Type.Number({ examples: [4] }),
  sampleRate: Type.Integer({ examples: [8000] }),
  channels: Type.Integer({ examples: [1] }),
  peakDb: Type.Number({ description: 'The loudest sample, in dB of full scale', examples: [-3.1] }),
  warnings: Type.Array(Type.String({ examples: ['it is clipped: recorded too loud'] }), {
    description: 'Doubts about its level',
  }),
  usedBy: Type.Array(Type.String({ examples: ['front-desk'] }), { description: 'Handoffs of the draft that play it' }),
})
export type AudioView = Static<typeof AudioView>

/** The audio files of a draft, as they are published with its next version. */
export function audioPaths(api: Api, { routing, audio }: ApiParts): void {
  const store = () => {
    if (!audio) throw new ApiRefusal('not_available', 'No audio files are kept here; ask the running Baton.')

    return audio
  }
  const edit = async (
    request: Parameters<typeof actorOf>[0],
    project: string,
    command: AudioCommand,
  ): Promise<{ table: Table; digest: string }> => {
    const digest = async () => (await routing.getDraft(project)).digest
    const ifMatch = await wantedDigest(request.headers['if-match'], digest)

    return routing.editAudio(project, command, actorOf(request), ifMatch)
  }
  const viewOf = async (table: Table, name: string, digest: string): Promise<AudioView | undefined> => {
    const bytes = await store().get(digest)
    const facts = bytes && readWav(bytes)
    if (!facts || 'problem' in facts) return undefined
    const { seconds, sampleRate, channels, peakDb, warnings } = facts
    const usedBy = [...new Set(usesOfAudio(table, name).map(({ handoff }) => handoff))]

    return { name, digest, bytes: bytes.length, seconds, sampleRate, channels, peakDb, warnings, usedBy }
  }

  api.get(
    '/v1/projects/:project/audio',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'The audio files of the draft',
        params: OneProject,
        response: answers({ 200: Type.Object({ audio: Type.Array(AudioView) }) }, 401, 404),
      },
    },
    async (request) => {
      const { table } = await routing.getDraft(request.params.project)
      const files = Object.entries(table.audio ?? {})
      const views = await Promise.all(files.map(([name, digest]) => viewOf(table, name, digest)))

      return { audio: views.filter((view) => view !== undefined) }
    },
  )

  api.get(
    '/v1/projects/:project/audio/:name',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'One audio file of the draft, to listen to',
        params: OneAudio,
        response: answers({ 200: Type.Unknown({ description: 'audio/wav' }) }, 401, 404),
      },
    },
    async (request, reply) => {
      const { project, name } = request.params
      const digest = (await routing.getDraft(project)).table.audio?.[name]
      const bytes = digest === undefined ? undefined : await store().get(digest)
      if (!bytes) throw new ApiRefusal('not_found', `The draft of ${project} has no audio file ${name}.`)
      void reply
        .type('audio/wav')
        .header('etag', entityTag(digest ?? ''))
        .serializer((sent) => sent as string)

      return bytes
    },
  )

  api.delete(
    '/v1/projects/:project/audio/:name',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'Take an audio file out of the draft; refused while handoffs play it',
        description: 'Versions that were published with it still have it.',
        params: OneAudio,
        headers: IfMatch,
        response: answers({ 200: Type.Object({ digest: Type.String() }) }, 401, 404, 412, 422),
      },
    },
    async (request, reply) => {
      const { project, name } = request.params
      const { digest } = await edit(request, project, { do: 'delete_audio', name })

      return reply.header('etag', entityTag(digest)).send({ digest })
    },
  )

  void api.register((scope: Api, _options, done) => {
    scope.addContentTypeParser(audioTypes, { parseAs: 'buffer', bodyLimit: maxAudioBytes }, (_request, body, parsed) =>
      parsed(null, body),
    )
    scope.setValidatorCompiler(({ httpPart, ...route }) =>
      httpPart === 'body' ? () => true : (api.validatorCompiler?.({ httpPart, ...route } as never) ?? (() => true)),
    )
    scope.put(
      '/v1/projects/:project/audio/:name',
      {
        config: { access: 'operator' },
        bodyLimit: maxAudioBytes,
        schema: {
          tags,
          summary: 'Keep an audio file with the draft, or replace it',
          description:
            'A WAV file: PCM of 8 or 16 bits, 8 or 16 kHz (24, 44.1 and 48 kHz are taken, too), mono or stereo, 0.2 to 300 seconds. ' +
            'What is silent is refused, what is quiet or clipped is said. A version keeps the files that it was published with.',
          consumes: audioTypes,
          params: OneAudio,
          headers: IfMatch,
          body: Type.Unknown({ description: 'The file' }),
          response: answers({ 200: AudioView }, 401, 404, 412, 413, 415, 422),
        },
      },
      async (request, reply) => {
        const { project, name } = request.params
        const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
        const facts = readWav(bytes)
        if ('problem' in facts) throw new ApiRefusal('invalid', `${name} ${facts.problem}`, [{ pointer: '', ...facts }])
        const held = Object.keys((await routing.getDraft(project)).table.audio ?? {})
        if (!held.includes(name) && held.length >= maxAudioFiles) {
          throw new ApiRefusal('invalid', `The draft has ${held.length} audio files; delete one that nothing plays.`)
        }
        const kept = await store().put(bytes)
        const { table, digest } = await edit(request, project, { do: 'put_audio', name, digest: kept })
        const view = await viewOf(table, name, kept)
        if (!view) throw new ApiRefusal('not_found', `The audio file ${name} was lost while it was kept.`)

        return reply.header('etag', entityTag(digest)).send(view)
      },
    )
    done()
  })
}
