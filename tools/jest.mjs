import { fileURLToPath } from 'node:url';

const FLAGS = '--experimental-vm-modules --disable-warning=ExperimentalWarning';

/** What Node is given to run Jest with these arguments of its own, in the root of the project. */
export const jestWith = (...args) => [
  fileURLToPath(new URL('../node_modules/jest/bin/jest.js', import.meta.url)),
  '--config',
  'test/jest.config.js',
  ...args,
];

/** The environment that Jest and its workers need, and `more`. */
export const jestEnvironment = (more = {}) => ({
  ...process.env,
  ...more,
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${FLAGS}`.trim(),
});
