import type { Target } from '../api/client'

/** The colour of the dot of each state of a target, the same on every page; the theme's own gray is lost on a dark card. */
export const targetColors: Record<Target['state'], string> = {
  up: 'green',
  down: 'red',
  half_open: 'yellow',
  unknown: 'gray.6',
  disabled: 'gray.6',
  draining: 'gray.6',
}
