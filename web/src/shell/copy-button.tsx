import { Button, type ButtonProps } from '@mantine/core'
import { useState } from 'react'
import { texts } from '../texts'

/** How long the button says that the text is copied, in milliseconds. */
const copiedMs = 1000

interface CopyButtonProps extends ButtonProps {
  /** What is copied. */
  text: string
  /** `Copy` when left out. */
  label?: string
  'aria-label'?: string
}

/** Copies a text, also from a page that came by plain http from another machine. */
export function CopyButton({ text, label = texts.shell.copy, ...button }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false)
  const copy = async (beside: HTMLElement): Promise<void> => {
    if (!(await copyText(text, beside))) return
    setCopied(true)
    setTimeout(() => {
      setCopied(false)
    }, copiedMs)
  }

  return (
    <Button size="compact-sm" variant="default" {...button} onClick={({ currentTarget }) => void copy(currentTarget)}>
      {isCopied ? texts.calls.copied : label}
    </Button>
  )
}

/**
 * Resolves with whether the text is in the clipboard. Browsers offer `navigator.clipboard` to secure contexts only; elsewhere the
 * text is selected and copied as a person does it, in a field beside the button, since a dialog keeps the focus inside.
 */
async function copyText(text: string, beside: HTMLElement): Promise<boolean> {
  // The types of the browser promise a clipboard everywhere.
  const clipboard = navigator.clipboard as Clipboard | undefined
  if (clipboard) {
    const isWritten = await clipboard.writeText(text).then(
      () => true,
      () => false,
    )
    if (isWritten) return true
  }
  const field = document.createElement('textarea')
  field.value = text
  field.readOnly = true
  field.style.cssText = 'position: fixed; opacity: 0'
  beside.after(field)
  field.select()
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- there is no other way outside of secure contexts
  const isDone = document.execCommand('copy')
  field.remove()
  beside.focus()

  return isDone
}
