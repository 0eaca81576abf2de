import { startScratch } from './scratch.js';

/** `npm run services`: servers that stay up, so that suites run again and again do not wait for them. */
const scratch = await startScratch({ kafka: true });
process.stdout.write(`TEST_DATABASE_URL=${scratch.databaseUrl}\n`);
if (scratch.brokers) process.stdout.write(`TEST_KAFKA_BROKERS=${scratch.brokers}\n`);

const stop = (): void => void scratch.stop().then(() => process.exit(0));
process.once('SIGINT', stop).once('SIGTERM', stop);
setInterval(() => undefined, 2 ** 30);
