/** Mocha loads this first: properties are tried with the same examples each time, or with those of FC_SEED (`random` for others). */
import fc from 'fast-check'

const { FC_SEED } = process.env
if (FC_SEED !== 'random') fc.configureGlobal({ seed: Number(FC_SEED ?? 20_261_122) })
