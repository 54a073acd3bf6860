import { useState } from 'react'

/** What a person has typed, by its key: a reload of the page brings it back, and closing the tab forgets it. */
export function useKept<Value>(
  key: string,
  initial: () => Value,
): [value: Value, set: (value: Value) => void, forget: () => void] {
  const [value, setValue] = useState<Value>(() => (read(key) as Value | undefined) ?? initial())

  return [
    value,
    (changed) => {
      setValue(changed)
      sessionStorage.setItem(key, JSON.stringify(changed))
    },
    () => {
      sessionStorage.removeItem(key)
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

function read(key: string): unknown {
  try {
    return (JSON.parse(sessionStorage.getItem(key) ?? 'null') as unknown) ?? undefined
  } catch {
    return undefined
  }
}
