import type { Target } from '../api/client'

/** The colour of each state of a target, the same on every page. */
export const targetColors: Record<Target['state'], string> = {
  up: 'green',
  down: 'red',
  half_open: 'yellow',
  unknown: 'gray',
  disabled: 'gray',
  draining: 'gray',
}
