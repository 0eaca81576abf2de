import { auditKey } from './audit-key.js';
import { oidcIssuers, type OidcIssuer } from './oidc.js';
import {
  Invalid,
  flag,
  integer,
  list,
  matching,
  oneOf,
  optional,
  or,
  subnet,
  text,
  url,
  type Subnet,
  type Variable,
} from './variables.js';

export const allRoles = ['api', 'consumer', 'projector', 'relay', 'timekeeper', 'notifier'] as const;
/** What a process does: any of these, each alone or together. */
export type Role = (typeof allRoles)[number];

/** The whole configuration, frozen. `databaseUrl` and `kafka.brokers` are undefined where the embedded ones are meant. */
export type Config = Readonly<{
  host: string;
  port: number;
  dataDir: string;
  databaseUrl?: string | undefined;
  /** The same database, as the role that migrates it. */
  migrationDatabaseUrl?: string | undefined;
  kafka: Readonly<{
    brokers?: readonly string[] | 'none' | undefined;
    /** Of the embedded broker. */
    port: number;
    topicPrefix: string;
    groupId: string;
    projects: readonly string[] | '*';
    trustActor: boolean;
  }>;
  adminToken?: string | undefined;
  /** The private key that signs checkpoints of the log, in PEM. */
  auditKey?: string | undefined;
  /** Whose tokens are taken besides our own. */
  oidcIssuers: readonly OidcIssuer[];
  /** Requests a minute and token. */
  rateLimit?: number | undefined;
  roles: ReadonlySet<Role>;
  tickMs: number;
  /** Whether OpenTelemetry traces are sent; its SDK reads the `OTEL_*` variables itself. */
  traces: boolean;
  publicUrl?: URL | undefined;
  /** Whose `X-Forwarded-*` headers are believed. */
  trustedProxies: readonly Subnet[];
}>;

/** A variable has a value that it may not have; the message is a sentence that names it and says what it may be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const some =
  <T>(read: (value: string) => readonly T[], what: string) =>
  (value: string): readonly T[] => {
    const items = read(value);
    if (items.length === 0) throw new Invalid(`must name at least one ${what}`);
    return items;
  };
const broker = matching(
  /^(\[[0-9a-fA-F:.]+\]|[^\s:,/@]+):\d{1,5}$/,
  'none or a list of host:port, separated by commas',
);
const brokers = (value: string): readonly string[] | 'none' =>
  value === 'none' ? 'none' : some(list(broker), 'broker')(value);
const projectKey = (value: string): string => {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new Invalid(
      'must be * or a list of projects, separated by commas, each percent-encoded where it has a comma or %',
    );
  }
};
const projects = (value: string): readonly string[] | '*' =>
  value === '*' ? '*' : some(list(projectKey), 'project, or be * for all')(value);
const databaseUrl = (value: string): string => {
  url('postgres', 'postgresql')(value);
  return value;
};
const roles = (value: string): ReadonlySet<Role> => new Set(some(list(oneOf(allRoles)), 'role')(value));
const topicPart = matching(/^[A-Za-z0-9._-]{1,200}$/, 'up to 200 letters, digits, ".", "_" and "-"');

const embedded = 'embedded';
const variables = {
  host: { name: 'HOST', byDefault: '127.0.0.1', meaning: 'where HTTP listens', read: or('127.0.0.1', text) },
  port: {
    name: 'PORT',
    byDefault: '3000',
    meaning: 'where HTTP listens; 0 picks a free one and prints it',
    read: or(3000, integer(0, 65_535)),
  },
  dataDir: {
    name: 'SHIPLOG_DATA_DIR',
    byDefault: '.shiplog',
    meaning: "the embedded Postgres' and Kafka's data, the first token, the key that signs checkpoints",
    read: or('.shiplog', text),
  },
  databaseUrl: {
    name: 'DATABASE_URL',
    byDefault: embedded,
    meaning: "a PostgreSQL of the user's, 14 or newer",
    secret: true,
    read: optional(databaseUrl),
  },
  migrationDatabaseUrl: {
    name: 'MIGRATION_DATABASE_URL',
    byDefault: '`DATABASE_URL`',
    meaning: 'the same database, as the role that migrates it, where that of `DATABASE_URL` may not change events',
    secret: true,
    read: optional(databaseUrl),
  },
  brokers: {
    name: 'KAFKA_BROKERS',
    byDefault: embedded,
    meaning: 'a list of `host:port`; `none` runs without Kafka',
    read: optional(brokers),
  },
  kafkaPort: {
    name: 'KAFKA_PORT',
    byDefault: '9092',
    meaning: 'where the embedded broker listens on 127.0.0.1',
    read: or(9092, integer(1, 65_535)),
  },
  topicPrefix: {
    name: 'KAFKA_TOPIC_PREFIX',
    byDefault: 'shiplog.',
    meaning: 'what the names of all topics begin with',
    read: or('shiplog.', topicPart),
  },
  groupId: {
    name: 'KAFKA_GROUP_ID',
    byDefault: 'shiplog',
    meaning: 'the consumer group of the commands topic',
    read: or('shiplog', topicPart),
  },
  projects: {
    name: 'KAFKA_PROJECTS',
    byDefault: '*',
    meaning: 'the projects that the commands topic may command',
    limits: true,
    read: or('*' as const, projects),
  },
  trustActor: {
    name: 'KAFKA_TRUST_ACTOR',
    byDefault: 'false',
    meaning:
      "whether a payload's `actor` is the actor; else that is `{ id: kafka, kind: service }`, and the payload's is `claimedBy`",
    read: or(false, flag),
  },
  adminToken: {
    name: 'SHIPLOG_ADMIN_TOKEN',
    byDefault: 'made at first start, kept in the data dir; `npm start` prints it',
    meaning: 'the first token, with scope `admin`; any 16 or more printable characters; all replicas need the same',
    secret: true,
    read: optional(matching(/^\P{C}{16,}$/u, '16 or more printable characters')),
  },
  auditKey: {
    name: 'SHIPLOG_AUDIT_KEY',
    byDefault: 'made at first start, kept in the data dir',
    meaning:
      'the private key that signs checkpoints of the log: Ed25519 in PEM, or the path of a file with it; all replicas need the same',
    secret: true,
    read: optional(auditKey),
  },
  oidcIssuers: {
    name: 'OIDC_ISSUERS',
    byDefault: 'none',
    meaning: 'whose tokens CI jobs may send instead of ours: a JSON list, or the path of a file with it',
    read: or<readonly OidcIssuer[], readonly OidcIssuer[]>([], oidcIssuers),
  },
  rateLimit: {
    name: 'RATE_LIMIT',
    byDefault: 'none',
    meaning: 'requests a minute and token; beyond it 429',
    read: optional(integer(1, 1_000_000_000)),
  },
  roles: {
    name: 'SHIPLOG_ROLES',
    byDefault: 'all',
    meaning: `\`${allRoles.join(',')}\``,
    read: or<ReadonlySet<Role>, ReadonlySet<Role>>(new Set(allRoles), roles),
  },
  tickMs: {
    name: 'SHIPLOG_TICK_MS',
    byDefault: '1000',
    meaning: 'how often the timekeeper looks',
    read: or(1000, integer(10, 3_600_000)),
  },
  publicUrl: {
    name: 'PUBLIC_URL',
    byDefault: 'from the request',
    meaning: 'absolute links',
    read: optional(url('http', 'https')),
  },
  trustedProxies: {
    name: 'TRUSTED_PROXIES',
    byDefault: 'none',
    meaning:
      'addresses and networks (`10.0.0.0/8`) whose `X-Forwarded-Proto`, `-Host` and `-Prefix` make absolute links',
    read: or<readonly Subnet[], readonly Subnet[]>([], list(subnet)),
  },
  otlpEndpoint: {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    byDefault: 'none',
    meaning: 'the collector that OpenTelemetry traces go to by OTLP over HTTP; other `OTEL_*` variables hold as well',
    read: optional(url('http', 'https')),
  },
  tracesExporter: {
    name: 'OTEL_TRACES_EXPORTER',
    byDefault: '`otlp` where that is set',
    meaning: '`otlp`, or `none` for no traces',
    read: optional(oneOf(['otlp', 'none'])),
  },
} satisfies Record<string, Variable<unknown>>;

type Values = { [K in keyof typeof variables]: ReturnType<(typeof variables)[K]['read']> };

/** Reads the configuration from `env`, where a variable that is empty counts as not given, unless that would allow more; throws `ConfigError`. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const read = Object.entries(variables).map(([key, variable]) => [key, valueOf(variable, env[variable.name])]);
  const {
    brokers: named,
    kafkaPort,
    topicPrefix,
    groupId,
    projects: reach,
    trustActor,
    otlpEndpoint,
    tracesExporter = otlpEndpoint ? 'otlp' : 'none',
    ...rest
  } = Object.fromEntries(read) as Values;
  if (rest.migrationDatabaseUrl !== undefined && rest.databaseUrl === undefined)
    throw new ConfigError('MIGRATION_DATABASE_URL must go with DATABASE_URL: the same database, by another role.');
  const kafka = Object.freeze({ brokers: named, port: kafkaPort, topicPrefix, groupId, projects: reach, trustActor });
  return Object.freeze({ ...rest, kafka, traces: tracesExporter === 'otlp' });
}

function valueOf({ name, read, secret, limits }: Variable<unknown>, given: string | undefined): unknown {
  const value = given?.trim();
  try {
    return read(value === '' && !limits ? undefined : value);
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    throw new ConfigError(`${name} ${error.message}${secret ? '' : `, not ${JSON.stringify(value)}`}.`);
  }
}

/** The configuration as the Markdown table that stands in the README. */
export function configurationTable(): string {
  const rows = Object.values(variables).map(
    ({ name, byDefault, meaning }) => `| \`${name}\` | ${byDefault} | ${meaning} |`,
  );
  return ['| variable | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}
