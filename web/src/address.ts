import { useParams } from '@tanstack/react-router'

/** The project that the address names; '' outside of one. */
export function useProjectName(): string {
  return useParams({ strict: false, select: (params: { project?: string }) => params.project ?? '' })
}

/** The call that the address names. */
export function useCallId(): string {
  return useParams({ strict: false, select: (params: { call?: string }) => params.call ?? '' })
}
