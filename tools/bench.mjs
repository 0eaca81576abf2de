import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildIfChanged } from './build.mjs';
import { installIfChanged } from './install.mjs';

installIfChanged();
buildIfChanged();
const { startScratch } = await import('../dist/tools/local/scratch.js');

const { DATABASE_URL, KAFKA_BROKERS } = process.env;
// What is measured includes the disk.
const scratch = DATABASE_URL ? undefined : await startScratch({ kafka: !KAFKA_BROKERS, durable: true });
const bench = fileURLToPath(new URL('../dist/test/bench/run.js', import.meta.url));
const { status } = spawnSync(process.execPath, [bench, ...process.argv.slice(2)], {
  env: {
    ...process.env,
    DATABASE_URL: DATABASE_URL ?? scratch.databaseUrl,
    KAFKA_BROKERS: KAFKA_BROKERS ?? scratch?.brokers ?? '',
  },
  stdio: 'inherit',
});
await scratch?.stop();
process.exit(status ?? 1);
