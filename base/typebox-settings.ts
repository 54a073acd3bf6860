import { Settings } from 'typebox/system'

/**
 * TypeBox has one set of settings for the whole process, and stops at eight mistakes by itself. What validates imports this
 * file, so that all mistakes are reported at once, whatever was loaded first.
 */
Settings.Set({ maxErrors: 10_000 })
