import { buildIfChanged } from '../../tools/build.mjs';

/** Starts one real Postgres and one real Kafka for the whole run, unless the environment names some (`npm run services`), or the service itself. */
export default async function start() {
  if (process.env.TEST_DATABASE_URL || process.env.TEST_SERVICE_URL) return;
  buildIfChanged();
  const { startScratch } = await import('../../dist/tools/local/scratch.js');
  globalThis.scratch = await startScratch({ kafka: true });
  const { databaseUrl, brokers } = globalThis.scratch;
  Object.assign(process.env, { TEST_DATABASE_URL: databaseUrl, ...(brokers && { TEST_KAFKA_BROKERS: brokers }) });
}

/** Ends what `start` started. */
export const stop = () => globalThis.scratch?.stop();
