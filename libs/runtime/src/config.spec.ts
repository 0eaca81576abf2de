import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { allRoles } from './config.js';
import { configurationTable, loadConfig } from './index.js';

const refusalOf = (env: Record<string, string>): string => {
  try {
    loadConfig(env);
  } catch (error) {
    return (error as Error).message;
  }
  return 'taken';
};

describe('configuration', () => {
  it('has a default for everything', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({ host: '127.0.0.1', port: 3000, dataDir: '.shiplog', tickMs: 1000 });
    expect(config.kafka).toMatchObject({ port: 9092, topicPrefix: 'shiplog.', groupId: 'shiplog', projects: '*' });
    expect([...config.roles]).toEqual([...allRoles]);
    expect([config.databaseUrl, config.kafka.brokers, config.adminToken, config.rateLimit]).toEqual(
      Array(4).fill(undefined),
    );
  });

  it('reads every variable', () => {
    const config = loadConfig({
      HOST: '::',
      PORT: '0',
      SHIPLOG_DATA_DIR: '/var/lib/shiplog',
      DATABASE_URL: 'postgres://a:b@db/x',
      MIGRATION_DATABASE_URL: 'postgres://o:b@db/x',
      KAFKA_BROKERS: 'one:9092, [::1]:9093',
      KAFKA_PORT: '19092',
      KAFKA_TOPIC_PREFIX: 'team.',
      KAFKA_GROUP_ID: 'g',
      KAFKA_PROJECTS: 'web-shop,octocat%2Fexample',
      KAFKA_TRUST_ACTOR: 'true',
      SHIPLOG_ADMIN_TOKEN: '0123456789abcdef',
      RATE_LIMIT: '60',
      SHIPLOG_ROLES: 'relay, api',
      SHIPLOG_TICK_MS: '100',
      PUBLIC_URL: 'https://ship.example/log',
      TRUSTED_PROXIES: '10.0.0.0/8, ::1',
    });
    expect(config).toMatchObject({ host: '::', port: 0, rateLimit: 60, tickMs: 100, adminToken: '0123456789abcdef' });
    expect(config.kafka).toEqual({
      brokers: ['one:9092', '[::1]:9093'],
      port: 19092,
      topicPrefix: 'team.',
      groupId: 'g',
      projects: ['web-shop', 'octocat/example'],
      trustActor: true,
    });
    expect([...config.roles].sort()).toEqual(['api', 'relay']);
    expect([config.databaseUrl, config.migrationDatabaseUrl]).toEqual(['postgres://a:b@db/x', 'postgres://o:b@db/x']);
    expect(config.publicUrl?.href).toBe('https://ship.example/log');
    expect(config.trustedProxies).toEqual([
      { address: '10.0.0.0', bits: 8, family: 'ipv4' },
      { address: '::1', bits: 128, family: 'ipv6' },
    ]);
  });

  it('sends traces where it is told where to, and not where it is told not to', () => {
    const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:4318';
    const traces = (env: Record<string, string>): boolean => loadConfig(env).traces;
    expect([traces({}), traces({ OTEL_EXPORTER_OTLP_ENDPOINT }), traces({ OTEL_TRACES_EXPORTER: 'otlp' })]).toEqual([
      false,
      true,
      true,
    ]);
    expect(traces({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER: 'none' })).toBe(false);
    expect(refusalOf({ OTEL_TRACES_EXPORTER: 'zipkin' })).toBe(
      'OTEL_TRACES_EXPORTER must be one of otlp, none, not "zipkin".',
    );
  });

  it('takes an empty variable for one that is not given', () => {
    expect(loadConfig({ PORT: '', RATE_LIMIT: ' ', KAFKA_BROKERS: '', OIDC_ISSUERS: '' })).toEqual(loadConfig({}));
    expect(loadConfig({ SHIPLOG_ROLES: '', KAFKA_TRUST_ACTOR: '', SHIPLOG_ADMIN_TOKEN: '' })).toEqual(loadConfig({}));
  });

  it.each(['', '  ', ','])('takes %j for no list of projects: it may have been meant to name none', (value) => {
    expect(refusalOf({ KAFKA_PROJECTS: value })).toBe(
      `KAFKA_PROJECTS must name at least one project, or be * for all, not "${value.trim()}".`,
    );
  });

  it('is frozen', () => {
    const config = loadConfig({ KAFKA_BROKERS: 'a:1' });
    expect([config, config.kafka, config.kafka.brokers].map(Object.isFrozen)).toEqual([true, true, true]);
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '3e3'],
    ['PORT', '-1'],
    ['KAFKA_BROKERS', 'broker'],
    ['KAFKA_BROKERS', ','],
    ['KAFKA_PORT', '0'],
    ['KAFKA_TOPIC_PREFIX', 'a b'],
    ['KAFKA_TRUST_ACTOR', 'yes'],
    ['RATE_LIMIT', '0'],
    ['KAFKA_PROJECTS', '%zz'],
    ['SHIPLOG_ROLES', 'api,cook'],
    ['SHIPLOG_TICK_MS', '1.5'],
    ['PUBLIC_URL', 'ftp://x'],
    ['TRUSTED_PROXIES', 'proxy.example'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
  ])('refuses %s=%s with a sentence that names both', (name, value) => {
    expect(refusalOf({ [name]: value })).toMatch(
      new RegExp(`^${name} must .+, not ${JSON.stringify(value).replace('.', '\\.')}\\.$`),
    );
  });

  it.each([
    ['SHIPLOG_ADMIN_TOKEN', 'short-secret'],
    ['DATABASE_URL', 'mysql://u:secret@h/d'],
  ])('refuses a bad %s without repeating it', (name, value) => {
    const refusal = refusalOf({ [name]: value });
    expect(refusal).toMatch(new RegExp(`^${name} must be `));
    expect(refusal).not.toContain('secret');
  });

  it('refuses a role that migrates the embedded database', () => {
    expect(refusalOf({ MIGRATION_DATABASE_URL: 'postgres://a:secret@db/x' })).toBe(
      'MIGRATION_DATABASE_URL must go with DATABASE_URL: the same database, by another role.',
    );
  });

  it('makes the table of the README', () => {
    const [head, , first] = configurationTable().split('\n');
    expect([head, first]).toEqual(['| variable | default | meaning |', '| `HOST` | 127.0.0.1 | where HTTP listens |']);
  });

  describe('SHIPLOG_AUDIT_KEY', () => {
    const pemOf = (type: 'ed25519' | 'x25519'): string =>
      (type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519')).privateKey.export({
        format: 'pem',
        type: 'pkcs8',
      }) as string;

    it('is a key, or the path of a file with one', () => {
      const pem = pemOf('ed25519');
      const folder = mkdtempSync(join(tmpdir(), 'shiplog-key-'));
      const path = join(folder, 'key.pem');
      writeFileSync(path, pem);
      for (const value of [pem, pem.trim().replaceAll('\n', '\\n'), path])
        expect(loadConfig({ SHIPLOG_AUDIT_KEY: value }).auditKey?.trim()).toBe(pem.trim());
      rmSync(folder, { recursive: true });
    });

    it('is refused where it is none, and never shown', () => {
      for (const value of [
        pemOf('x25519'),
        '-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----',
        '/nowhere/secret',
      ]) {
        const refusal = refusalOf({ SHIPLOG_AUDIT_KEY: value });
        expect(refusal).toMatch(
          /^SHIPLOG_AUDIT_KEY must be an Ed25519 private key in PEM, or the path of a file with one/,
        );
        expect(refusal).not.toMatch(/secret|BEGIN/);
      }
    });
  });
});
