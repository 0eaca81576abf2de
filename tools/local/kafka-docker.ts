import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { answersAsKafka, type Kafka } from './kafka-probe.js';
import { run } from './process.js';

const image = 'apache/kafka:4.3.0';

/** Whether a Docker engine answers. */
export const dockerAnswers = (): Promise<boolean> =>
  run('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 5000 }).then(
    () => true,
    () => false,
  );

/** The broker listens on the same port inside as outside: it connects to itself, too, where it says it is. */
const settings = (port: number, controllerPort: number): string[] =>
  Object.entries({
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_NODE_ID: '1',
    KAFKA_CONTROLLER_QUORUM_VOTERS: `1@localhost:${controllerPort}`,
    KAFKA_LISTENERS: `PLAINTEXT://:${port},CONTROLLER://:${controllerPort}`,
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    KAFKA_LOG_DIRS: '/var/lib/kafka/data',
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
    KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR: '1',
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
  }).flatMap(([name, value]) => ['--env', `${name}=${value}`]);

const nameFor = (home: string): string =>
  `shiplog-kafka-${createHash('sha256').update(home).digest('hex').slice(0, 12)}`;

/** Removes the container that a killed service left behind: it may listen elsewhere. Its data stay. */
export const removeContainer = async (home: string): Promise<void> => {
  await run('docker', ['rm', '--force', nameFor(home)]).catch(() => undefined);
};

/** Runs the broker in a container, its data in a volume; both bear the hash of the directory `home`. */
export const startContainer = async (home: string, port: number): Promise<Kafka> => {
  const name = nameFor(home);
  const stop = async (): Promise<void> => {
    await run('docker', ['stop', '-t', '20', name]);
  };
  await run('docker', [
    ...['run', '--detach', '--rm', '--name', name, '--publish', `127.0.0.1:${port}:${port}`],
    ...['--volume', `${name}:/var/lib/kafka/data`, ...settings(port, port === 9093 ? 9094 : 9093), image],
  ]);
  for (const deadline = Date.now() + 60_000; !(await answersAsKafka(port)); await sleep(100)) {
    if (Date.now() < deadline) continue;
    await stop();
    throw new Error(`Kafka (${image} in Docker) did not answer within 60 seconds.`);
  }
  const ended = async (): Promise<void> => {
    await run('docker', ['wait', name]).catch(() => undefined);
  };
  return { broker: `127.0.0.1:${port}`, stop, ended };
};
