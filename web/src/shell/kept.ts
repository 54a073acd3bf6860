import { useState } from 'react'
import { usePrincipal } from '../session/session'

/** The prefix of all keys of kept state. */
const prefix = 'baton.'

/**
 * State that outlives a reload of the page, for the same person: the fields as they are typed. Closing the tab and signing out
 * forget it.
 */
export function useKept<Value>(
  key: string,
  initial: () => Value,
): [value: Value, set: (value: Value) => void, forget: () => void] {
  const principal = usePrincipal()
  // A session that ends while a person types leaves the typing to that person.
  const [person] = useState(principal?.name ?? '')
  const own = `${prefix}${JSON.stringify(person)}.${key}`
  const [value, setValue] = useState<Value>(() => (read(own) as Value | undefined) ?? initial())

  return [
    value,
    (changed) => {
      setValue(changed)
      sessionStorage.setItem(own, JSON.stringify(changed))
    },
    () => {
      sessionStorage.removeItem(own)
    },
  ]
}

/** Whether a dialog is open; a reload of the page opens it again. */
export function useKeptOpen(key: string): [isOpen: boolean, dialog: { open: () => void; close: () => void }] {
  const [isOpen, setOpen] = useKept(key, () => false)

  return [
    isOpen,
    {
      open: () => {
        setOpen(true)
      },
      close: () => {
        setOpen(false)
      },
    },
  ]
}

/** Removes the kept state of every person from this tab. */
export function forgetKept(): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key)
}

function read(key: string): unknown {
  try {
    return (JSON.parse(sessionStorage.getItem(key) ?? 'null') as unknown) ?? undefined
  } catch {
    return undefined
  }
}
