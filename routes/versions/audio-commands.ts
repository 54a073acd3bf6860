/** Commands on the audio files of a draft, which a table names by the digest of their content. */
import { pointerTo, RoutesError, type Problem } from '../schema/errors.ts'
import { isAudioName } from '../schema/handoff-media.ts'
import type { Table } from '../schema/project-file.ts'

export type AudioCommand = { do: 'put_audio'; name: string; digest: string } | { do: 'delete_audio'; name: string }

/** Throws RoutesError: 404 for an unknown file, 422 for a name that is none, and for a file that handoffs name. */
export function applyAudioCommand(table: Table, command: AudioCommand): Table {
  const { name } = command
  const { audio = {}, ...others } = table
  if (command.do === 'put_audio') {
    if (isAudioName(name)) return { ...others, audio: { ...audio, [name]: command.digest } }
    const hint = 'use letters, digits, ".", "_" and "-", and end with .wav'
    const problem: Problem = { pointer: pointerTo('audio', name), problem: 'is no name of an audio file', hint }
    throw new RoutesError('invalid_command', `"${name}" is no name of an audio file`, [problem])
  }
  if (!Object.hasOwn(audio, name)) throw new RoutesError('unknown_audio', `the draft has no audio file "${name}"`)
  const problems = usesOfAudio(table, name).map(({ field, handoff, at }): Problem => {
    return {
      pointer: pointerTo('handoffs', at, field),
      problem: `${handoff} plays it`,
      hint: 'take it out there first',
    }
  })
  if (problems.length) throw new RoutesError('invalid_command', `audio file "${name}" cannot be deleted`, problems)
  const left = Object.fromEntries(Object.entries(audio).filter(([other]) => other !== name))

  return Object.keys(left).length === 0 ? others : { ...others, audio: left }
}

/** The handoffs that play an audio file. */
export function usesOfAudio(
  { handoffs }: Table,
  name: string,
): { handoff: string; at: number; field: 'hold_music' | 'announce' }[] {
  return handoffs.flatMap((handoff, at) =>
    (['hold_music', 'announce'] as const)
      .filter((field) => handoff[field] === name)
      .map((field) => ({ handoff: handoff.name, at, field })),
  )
}
