import { useEffect } from 'react'
import { texts } from '../texts'

/** Names the page in the browser's tab and history. @param page '' while it is not known */
export function usePageTitle(page: string): void {
  useEffect(() => {
    document.title = page === '' ? texts.product : texts.shell.pageTitle(page)
  }, [page])
}
