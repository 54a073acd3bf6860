import { useEffect } from 'react'

/** The id of the page's content: the target of the skip link. */
export const contentId = 'content'

/** Gives the focus to the dialog that is open, or else to the content of the page. */
export function focusContent(): void {
  const dialog = [...document.querySelectorAll<HTMLElement>('[role=dialog]')].at(-1)
  const home = dialog ?? document.getElementById(contentId)
  home?.focus({ preventScroll: true })
}

/**
 * Keeps the focus within reach of the keyboard: browsers drop the focus of an element that is taken away, as a card that is deleted,
 * and the content gets it. A button that was disabled while its change was under way gets the focus back.
 */
export function useFocusKept(): void {
  useEffect(() => {
    let last: EventTarget | null = null
    let wasDisabled = false
    const remember = ({ target }: FocusEvent): void => {
      last = target
      wasDisabled = false
    }
    const observer = new MutationObserver(() => {
      if (!(last instanceof HTMLElement)) return
      const isDisabled = last instanceof HTMLButtonElement && last.disabled
      wasDisabled ||= isDisabled
      if (document.activeElement !== document.body) return
      if (!last.isConnected) focusContent()
      else if (wasDisabled && !isDisabled) last.focus({ preventScroll: true })
    })
    document.addEventListener('focusin', remember)
    observer.observe(document.body, { childList: true, subtree: true, attributeFilter: ['disabled'] })

    return () => {
      document.removeEventListener('focusin', remember)
      observer.disconnect()
    }
  }, [])
}

/** Finds what a dialog gives the focus back to: its opener, or the button of the menu that the opener was an item of. */
export function openerOf(active: Element | null): () => HTMLElement | SVGElement | undefined {
  const menu = active?.closest('[role=menu]')?.getAttribute('aria-labelledby')

  return () =>
    [active, menu ? document.getElementById(menu) : null].find(
      (one): one is HTMLElement | SVGElement =>
        (one instanceof HTMLElement || one instanceof SVGElement) && one.isConnected && one !== document.body,
    )
}
