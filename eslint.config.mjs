import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/**
 * The layers that each layer may import (docs/ARCHITECTURE.md). Tests beside the code may also
 * import `testing`.
 */
const layers = [
  ['embedded-postgres', []],
  ['streaming-core', []],
  ['embedded-kafka', ['streaming-core']],
  ['contracts', ['streaming-core']],
  ['streams', ['streaming-core']],
  ['connect', ['streaming-core', 'schema-registry']],
  ['schema-registry', ['streaming-core']],
  ['personal-data', ['streaming-core']],
  ['event-sourcing', ['streaming-core']],
  ['saga', ['streaming-core', 'event-sourcing']],
  ['read-models', ['streaming-core', 'event-sourcing']],
  ['operations', ['streaming-core', 'personal-data', 'event-sourcing', 'saga']],
  ['books', ['contracts', 'streaming-core', 'operations']],
  [
    'service-chassis',
    ['read-models', 'operations', 'streaming-core', 'streams', 'personal-data', 'event-sourcing', 'saga'],
  ],
  [
    'app',
    [
      'embedded-kafka',
      'embedded-postgres',
      'contracts',
      'streaming-core',
      'streams',
      'connect',
      'schema-registry',
      'personal-data',
      'event-sourcing',
      'saga',
      'read-models',
      'operations',
      'service-chassis',
      'books',
    ],
  ],
  [
    'testing',
    [
      'embedded-kafka',
      'embedded-postgres',
      'streaming-core',
      'personal-data',
      'event-sourcing',
      'saga',
      'read-models',
      'operations',
      'service-chassis',
    ],
  ],
  ['test-support', ['contracts', 'streaming-core', 'testing', 'books']],
  [
    'test',
    [
      'embedded-kafka',
      'embedded-postgres',
      'contracts',
      'streaming-core',
      'streams',
      'connect',
      'schema-registry',
      'personal-data',
      'event-sourcing',
      'saga',
      'read-models',
      'operations',
      'service-chassis',
      'books',
      'testing',
      'test-support',
    ],
  ],
];

const boundaries = (extra, allow = []) => [
  'error',
  {
    allow,
    depConstraints: layers.map(([layer, may]) => ({
      sourceTag: `layer:${layer}`,
      onlyDependOnLibsWithTags: [...may, ...extra].map((name) => `layer:${name}`),
    })),
    // The tests of these libraries use `testing`, which imports them: a cycle of packages, not of
    // modules.
    ignoredCircularDependencies: [
      'streaming-core',
      'streams',
      'connect',
      'schema-registry',
      'personal-data',
      'event-sourcing',
      'saga',
      'read-models',
      'operations',
      'service-chassis',
    ].map((name) => [`@millrace/${name}`, '@millrace/testing']),
    enforceBuildableLibDependency: false,
  },
];

/** Rules that keep one fact per statement and one claim per expectation. */
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
  { ignores: ['**/dist/**', '**/node_modules/**', 'tmp/**', '.nx/**', '.millrace/**', '.millrace-*/**'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    plugins: { '@nx': nx },
    languageOptions: {
      // Nest reads the types of constructor parameters at run time, so their imports are values.
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
  { files: ['**/src/**/*.{ts,tsx}'], rules: { '@nx/enforce-module-boundaries': boundaries([]) } },
  { files: ['apps/stack/**', 'tools/**', 'test/**'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.{spec,suite,fixture,fake,bench,program}.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries(['testing']) },
  },
  // The pages of all apps are made of the parts of the console.
  {
    files: ['apps/*/src/page/**'],
    rules: { '@nx/enforce-module-boundaries': boundaries([], ['../../../console/src/kit/*']) },
  },
  {
    files: ['apps/*/src/{page,kit}/**', 'apps/console/src/*/page/**'],
    languageOptions: {
      globals: {
        window: 'readonly',
        document: 'readonly',
        history: 'readonly',
        EventSource: 'readonly',
        ResizeObserver: 'readonly',
        HTMLElement: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
      },
    },
  },
  // The bundler puts documents into the page, which belong to no project.
  { files: ['apps/console/src/{runbook,patterns}/**'], rules: { '@nx/enforce-module-boundaries': 'off' } },
  // The simulation combines the pure parts of several services, the next release composes a service
  // from its parts, and an example of the how-to pages is tried on one. None of that is allowed to an
  // app, so services export no entry points for it.
  {
    files: [
      'test/simulation/src/**',
      'test/operations/src/next-order-release/**',
      'test/how-to/src/clients/*.int.spec.ts',
    ],
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
