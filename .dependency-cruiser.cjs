/** What each lib may import: other libs, and packages (by the beginning of their names). Everything else is an error. */
const allow = {
  domain: [[], []],
  'event-store': [[], ['pg']],
  audit: [[], []],
  runtime: [[], ['pino', 'prom-client', '@nestjs', '@opentelemetry']],
  contracts: [
    ['domain'],
    [
      'class-validator',
      'class-transformer',
      'class-validator-jsonschema',
      '@nestjs/swagger',
      'ajv',
      'reflect-metadata',
    ],
  ],
  commands: [
    ['domain', 'event-store', 'runtime'],
    ['@nestjs', 'lru-cache'],
  ],
  projections: [
    ['domain', 'event-store', 'runtime'],
    ['pg', '@nestjs', 'lru-cache'],
  ],
  kafka: [
    ['commands', 'contracts', 'domain', 'event-store', 'projections', 'runtime'],
    ['kafkajs', 'pg', '@nestjs'],
  ],
};

const tests = ['\\.spec\\.ts$', '^libs/[^/]+/src/testing/'];

const table = Object.entries(allow).map(([lib, [libs, packages]]) => ({
  name: `${lib} may use only: ${[...libs, ...packages].join(', ') || 'nothing'}`,
  severity: 'error',
  from: { path: `^libs/${lib}/`, pathNot: tests },
  to: {
    pathNot: [
      ...[lib, ...libs].map((name) => `^libs/${name}/`),
      ...packages.map((name) => `^node_modules/(@types/)?${name}/`),
    ],
    ...(lib === 'domain' ? {} : { dependencyTypesNot: ['core'] }),
  },
}));

module.exports = {
  forbidden: [
    ...table,
    {
      name: 'libs never import apps, tests or tools',
      severity: 'error',
      from: { path: '^libs/', pathNot: tests },
      to: { path: '^(apps|test|tools)/' },
    },
    {
      name: 'through the front door',
      severity: 'error',
      from: { path: '^(?:apps|libs)/([^/]+)/' },
      to: { path: '^libs/', pathNot: ['^libs/$1/', '^libs/[^/]+/src/(testing/)?index\\.ts$'] },
    },
    {
      name: 'through the front door, for tests and tools too',
      severity: 'error',
      from: { path: '^(test|tools)/' },
      to: { path: '^libs/', pathNot: '^libs/[^/]+/src/(testing/)?index\\.ts$' },
    },
    {
      name: 'an app keeps to itself',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'tests stay out of the product',
      severity: 'error',
      from: { path: '^(apps|libs|tools)/', pathNot: tests },
      to: { path: ['^test/', ...tests] },
    },
    {
      name: 'the product needs no devDependencies',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: '^node_modules/@types/' },
    },
    {
      name: 'Nest stays at the edges',
      severity: 'error',
      from: {
        path: '^libs/',
        pathNot: ['\\.(module|controller|handler|guard|filter|dto)\\.ts$', ...tests],
      },
      to: { path: '^node_modules/@nestjs/' },
    },
    { name: 'no cycles', severity: 'error', from: {}, to: { circular: true } },
    // Keeps the rest honest: what does not resolve would match none of the rules.
    {
      name: 'every import resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '(^|/)dist/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['shiplog-source', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs'],
    },
  },
};
