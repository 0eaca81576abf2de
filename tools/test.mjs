import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfChanged } from './build.mjs';
import { installIfChanged } from './install.mjs';
import { jestEnvironment, jestWith } from './jest.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const runJest = (resultFile) => {
  const args = jestWith('--maxWorkers=2', '--json', '--outputFile', resultFile, ...process.argv.slice(2));
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    env: jestEnvironment(),
    // Its results also go to stdout as JSON, where nobody reads them.
    stdio: ['inherit', 'ignore', 'inherit'],
  });
  return status;
};

/** A suite that does not even run counts as one failed test, and so does a run that ends badly for any other reason. */
const count = (status, resultFile) => {
  try {
    const result = JSON.parse(readFileSync(resultFile, 'utf8'));
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
    const skipped = result.numPendingTests + result.numTodoTests;
    return { passed: result.numPassedTests, failed: failed || (status === 0 ? 0 : 1), skipped };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
};

const test = () => {
  const scratch = mkdtempSync(join(tmpdir(), 'shiplog-results-'));
  try {
    installIfChanged();
    buildIfChanged();
    const resultFile = join(scratch, 'jest.json');
    return count(runJest(resultFile), resultFile);
  } catch (error) {
    console.error(error.message);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(scratch, { recursive: true });
  }
};

const { passed, failed, skipped } = test();
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
// On CI nothing may be missing: a skipped test is one that could not be run.
process.exitCode = failed > 0 || (process.env.CI && skipped > 0) ? 1 : 0;
