import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Who may import whom (docs/ARCHITECTURE.md). Tests beside the code may import `testing` as well. */
const layers = [
  ['embedded-postgres', []],
  ['streaming-core', []],
  ['embedded-kafka', ['streaming-core']],
  ['contracts', ['streaming-core']],
  ['event-sourcing', ['streaming-core']],
  ['saga', ['streaming-core', 'event-sourcing']],
  ['service-chassis', ['streaming-core', 'event-sourcing', 'saga']],
  [
    'app',
    [
      'embedded-kafka',
      'embedded-postgres',
      'contracts',
      'streaming-core',
      'event-sourcing',
      'saga',
      'service-chassis',
    ],
  ],
  [
    'testing',
    ['embedded-kafka', 'embedded-postgres', 'streaming-core', 'event-sourcing', 'saga', 'service-chassis'],
  ],
  ['test-support', ['contracts', 'streaming-core', 'testing']],
  [
    'test',
    [
      'embedded-kafka',
      'embedded-postgres',
      'contracts',
      'streaming-core',
      'event-sourcing',
      'saga',
      'service-chassis',
      'testing',
      'test-support',
    ],
  ],
];

const boundaries = (extra) => [
  'error',
  {
    allow: [],
    depConstraints: layers.map(([layer, may]) => ({
      sourceTag: `layer:${layer}`,
      onlyDependOnLibsWithTags: [...may, ...extra].map((name) => `layer:${name}`),
    })),
    // Libraries are tested with `testing`, which stands on them: a cycle of packages, never of modules.
    ignoredCircularDependencies: ['streaming-core', 'event-sourcing', 'saga', 'service-chassis'].map(
      (name) => [`@millrace/${name}`, '@millrace/testing'],
    ),
    enforceBuildableLibDependency: false,
  },
];

/** One fact per statement, one claim per expectation: packed lines are hard to read and to debug. */
const everywhere = [
  { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' },
  {
    selector: 'ObjectExpression > SpreadElement > ObjectExpression.argument',
    message: 'Write the properties out, one per line.',
  },
  {
    selector: 'SpreadElement > ArrayExpression.argument[elements.length>0]',
    message: 'Write the elements out.',
  },
  {
    selector: 'VariableDeclarator[id.type="ArrayPattern"][init.type="ArrayExpression"]',
    message: 'Declare each variable in a statement of its own.',
  },
  {
    selector: 'AssignmentExpression[left.type="ArrayPattern"][right.type="ArrayExpression"]',
    message: 'Assign each value in a statement of its own.',
  },
  {
    selector:
      'CallExpression[callee.property.name=/^to(Strict)?Equal$/] > MemberExpression > CallExpression[callee.name="expect"][arguments.0.elements.length>1][arguments.0.elements.0.type!="SpreadElement"]',
    message: 'Expect one thing at a time, or compare objects whose properties name each value.',
  },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', 'tmp/**', '.nx/**', '.millrace/**', '.millrace-kafka/**'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    plugins: { '@nx': nx },
    languageOptions: {
      // Constructor parameters of Nest classes are read at run time: their imports are values.
      parserOptions: { emitDecoratorMetadata: true, experimentalDecorators: true },
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
      },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...everywhere],
    },
  },
  { files: ['**/src/**/*.ts'], rules: { '@nx/enforce-module-boundaries': boundaries([]) } },
  { files: ['apps/stack/**', 'tools/**', 'test/**'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.{spec,suite,fixture,fake,bench,program}.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries(['testing']) },
  },
  // The model plays the pure parts of several services together, and the next release composes one service anew, which no app may: they have
  // no entry points for others.
  {
    files: ['test/mutants/src/model/**', 'test/operations/src/next-order-release/**'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  {
    files: ['apps/*/src/domain/**', 'apps/*/src/fulfillment/**'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-globals': ['error', 'Date', 'setTimeout', 'setInterval', 'process', 'fetch', 'crypto'],
      'no-restricted-syntax': [
        'error',
        ...everywhere,
        { selector: 'AwaitExpression', message: 'A domain does no I/O.' },
        { selector: 'ClassDeclaration', message: 'A domain is functions and unions.' },
        {
          selector: "MemberExpression[object.name='Math'][property.name='random']",
          message: 'Randomness is an argument.',
        },
      ],
    },
  },
);
