/** What a started service is told apart by. `kafka` is its brokers, or why there are none. */
export type Started = Readonly<{
  url: string;
  /** The first token, where it was made here; undefined where it is the user's own, which is not ours to show. */
  token?: string | undefined;
  /** Whether this process answers requests. */
  hasApi: boolean;
  kafka: string;
  dataDir: string;
}>;

const curls = ({ url, token }: Started): string[] => {
  const curl = `curl -w '\\n' -H "Authorization: Bearer ${token ?? '$SHIPLOG_ADMIN_TOKEN'}"`;
  const json = "-H 'Content-Type: application/json'";
  const targets = `${url}/api/v1/projects/demo/targets`;
  return [
    // The key makes it right to paste it again.
    `${curl} ${json} -H 'Idempotency-Key: the-first-target' -d '{"key":"production"}' '${targets}'`,
    `${curl} ${json} -d '{"version":"1.0.0"}' '${targets}/production/{start,finish}'`,
    `${curl} '${targets}/production/current'`,
  ];
};

const mainJob = (started: Started): string => `
Create a target, start and finish a deployment, ask what is current:

${curls(started).join('\n\n')}
`;

/** The words that a started service greets with: where it is, the first token, and the main job as three commands. */
export const banner = (started: Started): string => `
Shiplog listens on ${started.url}
  token  ${started.hasApi ? (started.token ?? 'yours, from SHIPLOG_ADMIN_TOKEN') : 'none: this process has not the role api'}
  Kafka  ${started.kafka}
  data   ${started.dataDir}
${started.hasApi ? mainJob(started) : ''}
Ctrl-C stops it; the next start goes on where it was.
`;
