// An exception that escapes from the process's own code. Loaded by `node --import`, it throws one at SIGUSR2.
process.on('SIGUSR2', () => {
  setImmediate(() => {
    throw new Error('an exception that a test has thrown')
  })
})
