import { useMediaQuery } from '@mantine/hooks'

/** Whether the page is shown on a telephone: rows are cards there, and pictures are drawn narrow. */
export function useSmallScreen(): boolean {
  return useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false })
}
