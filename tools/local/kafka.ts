import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dockerAnswers, removeContainer, startContainer } from './kafka-docker.js';
import { kafkaJars } from './kafka-jars.js';
import { answersAsKafka, type Kafka } from './kafka-probe.js';
import { isFree, end, ended, freePort, isRunning, pidIn, run } from './process.js';

/** Why no broker can be had on this machine: half a sentence. */
export type NoKafka = Readonly<{ missing: string }>;

const startWithinMs = 60_000;

type Ports = Readonly<{ port: number; advertised: number; controller: number }>;

const properties = (dataDir: string, { port, advertised, controller }: Ports): string => `\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:${controller}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${advertised},CONTROLLER://127.0.0.1:${controller}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${dataDir}
auto.create.topics.enable=false
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# After a power cut the broker waits until its own old session is over.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
`;

class Broker {
  private readonly configFile: string;
  private readonly pidFile: string;
  private readonly logFile: string;
  private readonly data: string;

  constructor(
    private readonly home: string,
    private readonly port: number,
    private readonly advertised: number,
  ) {
    this.configFile = join(home, 'server.properties');
    this.pidFile = join(home, 'kafka.pid');
    this.logFile = join(home, 'log');
    this.data = join(home, 'data');
  }

  /** The one that a killed service left running, if it listens where it should; ended if it does not. */
  async takeOver(): Promise<Kafka | undefined> {
    const pid = pidIn(this.pidFile);
    if (!isRunning(pid, this.configFile)) return undefined;
    if (readFileSync(this.configFile, 'utf8').includes(`PLAINTEXT://127.0.0.1:${this.port},`)) return this.ready(pid);
    await end(pid, this.configFile);
    return undefined;
  }

  async start(java: string, jars: string): Promise<Kafka> {
    const { port, advertised } = this;
    writeFileSync(this.configFile, properties(this.data, { port, advertised, controller: await freePort() }));
    const classPath = ['-cp', `${jars}/*`];
    if (!existsSync(join(this.data, 'meta.properties'))) {
      const id = randomBytes(16).toString('base64url');
      // Joined by `=`: one id in 64 begins with `-` and would be read as another option.
      const format = ['format', `--cluster-id=${id}`, '--standalone', '--config', this.configFile];
      await run(java, [...classPath, 'kafka.tools.StorageTool', ...format]);
    }
    const log = openSync(this.logFile, 'a');
    const memory = ['-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
    const logging = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.showDateTime=true'];
    const child = spawn(java, [...memory, ...logging, ...classPath, 'kafka.Kafka', this.configFile], {
      cwd: this.home,
      detached: true,
      stdio: ['ignore', log, log],
    });
    child.unref();
    writeFileSync(this.pidFile, `${child.pid}\n`);
    return this.ready(child.pid ?? 0);
  }

  private async ready(pid: number): Promise<Kafka> {
    const deadline = Date.now() + startWithinMs;
    while (!(await answersAsKafka(this.port))) {
      if (!isRunning(pid, this.configFile)) throw new Error(`Kafka ended while it started; see ${this.logFile}.`);
      if (Date.now() > deadline) {
        await end(pid, this.configFile);
        throw new Error(`Kafka did not answer within ${startWithinMs / 1000} seconds; see ${this.logFile}.`);
      }
      await sleep(50);
    }
    return {
      broker: `127.0.0.1:${this.port}`,
      stop: () => end(pid, this.configFile),
      ended: () => ended(pid, this.configFile),
    };
  }
}

const mustBeFree = async (port: number): Promise<void> => {
  if (!(await isFree(port)))
    throw new Error(`Port ${port} on 127.0.0.1 is taken: set KAFKA_PORT to a free one, or KAFKA_BROKERS to a broker.`);
};

/**
 * Starts a local Apache Kafka on `<dataDir>/kafka`, listening on that port of 127.0.0.1, in a process group of its own:
 * with Java and Maven, else in Docker; takes over the one that a killed service left running there. Clients are told to come
 * by the advertised port, where something stands before it.
 */
export const startKafka = async (dataDir: string, port: number, advertised = port): Promise<Kafka | NoKafka> => {
  const home = join(resolve(dataDir), 'kafka');
  mkdirSync(home, { recursive: true });
  const broker = new Broker(home, port, advertised);
  const running = await broker.takeOver();
  if (running) return running;
  const found = await kafkaJars();
  if ('missing' in found && !(await dockerAnswers())) return found;
  if ('missing' in found) await removeContainer(home);
  await mustBeFree(port);
  return 'missing' in found ? startContainer(home, port) : broker.start(found.java, found.jars);
};
