import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildIfChanged } from './build.mjs';
import { installIfChanged } from './install.mjs';

installIfChanged();
buildIfChanged();
const { startScratch } = await import('../dist/tools/local/scratch.js');

const given = process.env.DATABASE_URL;
// A server as it comes: what is measured includes the disk.
const scratch = given ? undefined : await startScratch({ kafka: false, durable: true });
const bench = fileURLToPath(new URL('../dist/test/bench/run.js', import.meta.url));
const { status } = spawnSync(process.execPath, [bench, ...process.argv.slice(2)], {
  env: { ...process.env, DATABASE_URL: given ?? scratch.databaseUrl },
  stdio: 'inherit',
});
await scratch?.stop();
process.exit(status ?? 1);
