import importX from 'eslint-plugin-import-x'
import tseslint from 'typescript-eslint'

// docs/architecture.md: imports run one way, down this table. Each folder may import itself and what it names.
const mayImport = {
  base: [],
  config: ['base'],
  engine: ['base'],
  routes: ['base'],
  metrics: ['base'],
  server: ['base', 'config', 'engine', 'routes', 'metrics'],
  bench: ['base', 'config', 'engine', 'routes', 'server'],
  clients: [],
  web: ['clients'],
}
const ours = ['base', 'config', 'engine', 'routes', 'metrics', 'server', 'clients', 'web', 'test', 'bench']
const zones = Object.entries(mayImport).map(([folder, allowed]) => ({
  target: `./${folder}`,
  from: ours.filter((other) => other !== folder && !allowed.includes(other)).map((other) => `./${other}`),
  message: `${folder}/ may import ${allowed.length ? `${allowed.join(', ')} and itself` : 'itself'} only (docs/architecture.md).`,
}))

const anywhere = [
  { selector: 'TSEnumDeclaration', message: 'A union of string literals, please.' },
  {
    selector:
      'IfStatement:has(> BinaryExpression MemberExpression[property.name="size"]) CallExpression[callee.property.name="clear"]',
    message: 'A BoundedMap (engine/bounded-map.ts), which lets the oldest go.',
  },
]

export default tseslint.config(
  {
    ignores: [
      'dist',
      'node_modules',
      'data',
      'coverage',
      'clients/typescript/src/schema.ts',
      'clients/typescript/dist',
    ],
  },
  {
    files: ['**/*.ts', '**/*.tsx', 'bin/*.mjs'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/resolver': { typescript: true } },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-default-export': 'error',
      'max-lines': ['error', { max: 400 }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      'no-lone-blocks': 'error',
      'no-nested-ternary': 'error',
      '@typescript-eslint/no-shadow': 'error',
      eqeqeq: 'error',
      curly: ['error', 'multi-line'],
      'max-params': ['error', { max: 5 }],
      complexity: ['error', 15],
      // Settings of the whole process are set once, in base/typebox.ts.
      'no-restricted-imports': ['error', { paths: ['typebox/system'] }],
      'no-restricted-syntax': ['error', ...anywhere],
    },
  },
  {
    // A guard watches work that nothing awaits (server/guard.ts): `guard.run(() => work())` rather than `void work()`.
    files: ['server/{legs,calls,explain,transfer,sip,rehearsal,webhooks}/**/*.ts'],
    rules: { '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }] },
  },
  // The rule does not see casts, which are comments in JavaScript.
  { files: ['bin/*.mjs'], rules: { '@typescript-eslint/no-unsafe-assignment': 'off' } },
  // Mocha loads a reporter by its default export.
  { files: ['bin/test-reporter.mjs'], rules: { 'import-x/no-default-export': 'off' } },
  { files: ['base/typebox.ts'], rules: { 'no-restricted-imports': 'off' } },
  {
    // Each icon's module has a default export, and Vite reads its settings from one.
    files: ['web/src/tabler.d.ts', 'web/vite.config.ts'],
    rules: { 'import-x/no-default-export': 'off' },
  },
  {
    // winston's own types make two classes of its one transport class.
    files: ['server/log.ts'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
  {
    // mocha awaits what describe and it return; the caller need not.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: ['describe', 'it'] }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      'max-lines': 'off',
      'no-restricted-syntax': [
        'error',
        ...anywhere,
        {
          // For the message of a bare assert.ok Node parses the test's source, which takes it seconds in a long file.
          selector:
            'CallExpression[callee.name="until"] CallExpression[callee.object.name="assert"][callee.property.name="ok"][arguments.length=1]',
          message: 'Return the condition to until(), or give assert.ok a message.',
        },
      ],
    },
  },
  // A parser decides at every character: split up, its grammar would be harder to compare with the RFC's.
  { files: ['engine/message/{parse,uri}.ts'], rules: { complexity: 'off' } },
)
