import { close, fstat, open, read, write, writev } from 'node:fs'

type Opened = (error: NodeJS.ErrnoException | null, fd?: number) => void

const lineFeed = 0x0a

/**
 * The file functions of a stream that appends lines: a line that a crash or a full disk has cut off is ended when the file is
 * opened, so that no record is joined to half of another.
 */
export const lineFileSystem = { open: openAtLineStart, write, writev, close } as {
  open: typeof open
  write: typeof write
  writev: typeof writev
  close: typeof close
}

function openAtLineStart(path: string, _flags: string, mode: number, done: Opened): void {
  open(path, 'a+', mode, (problem, fd) => {
    if (problem) {
      done(problem)
      return
    }
    endLine(fd, (error) => {
      if (!error) done(null, fd)
      else {
        close(fd, () => {
          done(error)
        })
      }
    })
  })
}

function endLine(fd: number, done: (error: NodeJS.ErrnoException | null) => void): void {
  fstat(fd, (error, stats) => {
    if (error || stats.size === 0) {
      done(error)
      return
    }
    const last = Buffer.alloc(1)
    read(fd, last, 0, 1, stats.size - 1, (unreadable) => {
      if (unreadable || last[0] === lineFeed) done(unreadable)
      else write(fd, '\n', done)
    })
  })
}
