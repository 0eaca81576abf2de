import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './process.js';

/** The Java to run Kafka with, and the directory of its jars. */
export type KafkaJars = Readonly<{ java: string; jars: string }>;

const pom = fileURLToPath(new URL('./kafka/pom.xml', import.meta.url));

const javaVersion = async (java: string): Promise<number> => {
  try {
    const { stderr } = await run(java, ['-version']);
    return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
  } catch {
    return 0;
  }
};

const fetchInto = async (jars: string): Promise<void> => {
  mkdirSync(dirname(jars), { recursive: true });
  const unfinished = mkdtempSync(`${jars}-`);
  try {
    await run('mvn', [
      ...['--quiet', '--batch-mode', '--strict-checksums', '--file', pom],
      ...['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${unfinished}`],
    ]);
    // Whoever else fetched them meanwhile has the same.
    if (!existsSync(jars)) renameSync(unfinished, jars);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
};

const whyNot = (error: unknown): string => {
  const { code, path, stdout = '', message } = error as NodeJS.ErrnoException & { stdout?: string };
  if (code === 'ENOENT' && path === 'mvn') {
    return 'its jars come through Maven, or it runs in Docker, and this machine has neither';
  }
  const [, reason = message] = /\[ERROR\] (.+)/.exec(stdout) ?? [];
  return `Maven could not fetch its jars (${reason}), and no Docker engine answers`;
};

/** The jars of the pinned pom.xml, from the user's cache, else from Maven Central; or why they cannot be had. */
export const kafkaJars = async (): Promise<KafkaJars | { missing: string }> => {
  const java = process.env['JAVA_HOME'] ? join(process.env['JAVA_HOME'], 'bin/java') : 'java';
  if ((await javaVersion(java)) < 17) {
    return { missing: 'it needs Java 17 and Maven, or Docker, and this machine has neither' };
  }
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'shiplog');
  const jars = join(cache, `kafka-${createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12)}`);
  try {
    if (!existsSync(jars)) await fetchInto(jars);
    return { java, jars };
  } catch (error) {
    return { missing: whyNot(error) };
  }
};
