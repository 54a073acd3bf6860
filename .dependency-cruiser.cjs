/**
 * Imports run one way, `import type` included: down the table of docs/architecture.md, and up the floors inside each folder.
 * `npm run floors` checks it.
 */

/** Folders of one part from the ground up: a folder may import those before it, never those after it. Folders of one row do not know each other. */
const floors = {
  engine: [
    ['clock', 'message'],
    ['flow'],
    ['transport', 'transaction', 'digest', 'http'],
    ['next-hop', 'overload'],
    ['dialog'],
    ['user-agent'],
    ['drachtio'],
  ],
  routes: [['schema'], ['table'], ['plan'], ['project'], ['versions'], ['store']],
  server: [
    ['sip'],
    ['media', 'targets', 'limits', 'resolver'],
    ['legs'],
    ['transfer'],
    ['calls'],
    [
      ...[
        'webhooks',
        'hep',
        'checkup',
        'explain',
        'rehearsal',
        'access',
        'audio',
        'audit',
        'history',
        'context',
        'twilio',
      ],
      'recovery',
    ],
    ['api'],
    ['welcome', 'cli'],
  ],
}

const above = Object.entries(floors).flatMap(([part, rows]) =>
  rows.flatMap((row, floor) =>
    row.map((folder) => {
      const later = rows.slice(floor + 1).flat()
      const beside = row.filter((other) => other !== folder)

      return {
        name: `${part}-${folder}`,
        comment: `${part}/${folder}/ may import the floors below it only.`,
        severity: 'error',
        from: { path: `^${part}/${folder}/` },
        to: { path: `^${part}/(${[...later, ...beside].join('|') || '-'})/` },
      }
    }),
  ),
)

module.exports = {
  forbidden: [{ name: 'no-circles', severity: 'error', from: {}, to: { circular: true } }, ...above],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|web)/' },
  },
}
