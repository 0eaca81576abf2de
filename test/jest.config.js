import { fileURLToPath } from 'node:url';

const rootDir = fileURLToPath(new URL('..', import.meta.url));

const project = (displayName, testMatch, more = {}) => ({
  displayName,
  testMatch,
  rootDir,
  testEnvironment: 'node',
  // Not 'import': it breaks packages that are require()d.
  testEnvironmentOptions: { customExportConditions: ['shiplog-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '@swc/jest' },
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // It has no condition but 'import'.
    '^jira\\.js/agile$': '<rootDir>/node_modules/jira.js/dist/agile/index.js',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  setupFiles: ['reflect-metadata'],
  ...more,
});
const kind = (suffix) => [`<rootDir>/{apps,libs,test,tools}/**/*.${suffix}.ts`];
const services = {
  testEnvironment: '<rootDir>/test/support/environment.js',
  globalSetup: '<rootDir>/test/support/services.js',
  globalTeardown: '<rootDir>/test/support/services-stop.js',
};

export default {
  rootDir,
  // A worker in the place of one that was ended reads the service anew.
  workerIdleMemoryLimit: '1500MB',
  // A busy machine is slow, not wrong: tests wait for what they ask for, and only what hangs should end them.
  testTimeout: 60_000,
  projects: [
    project('unit', kind('spec'), {
      testPathIgnorePatterns: ['/node_modules/', '/dist/', '\\.(int|contract|e2e|fault)\\.spec\\.ts$'],
    }),
    project('int', kind('int.spec'), services),
    project('contract', kind('contract.spec'), services),
    project('e2e', kind('e2e.spec'), services),
    // Each builds the service with one mistake and breaks it for minutes: `npm run faults -- --mutants`.
    project('fault', kind('fault.spec'), {
      ...services,
      ...(process.env.FAULTS_MUTANTS ? {} : { testPathIgnorePatterns: ['/node_modules/', '(rig|probe)-mutants'] }),
    }),
  ],
};
