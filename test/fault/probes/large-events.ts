import { createPool } from '#event-store';
import { API, newTarget } from '../../support/server.js';
import { checkPublishable, type Logged } from '../checkers/index.js';
import { callerOf, type Probe } from './place.js';

/** `max.message.bytes` of a topic, unless somebody says otherwise. */
export const RECORD_BYTES = 1_048_588;

/** Commands whose event no record could be, by each way over HTTP. */
export const probeLargeEvents: Probe = async (place) => {
  const { call } = callerOf(place);
  const { project, path } = await newTarget({ call });
  const data = { version: '1', metadata: { text: 'x'.repeat(RECORD_BYTES) } };
  await call(`${path}/finish`, { body: data });
  const command = { commandId: 'large', type: 'FinishDeployment', project, target: 'production', data };
  await call(`${API}/commands`, { body: [command] });
  const pool = createPool({ connectionString: place.databaseUrl, max: 1, applicationName: 'rig' });
  const { rows } = await pool.query<Pick<Logged, 'position' | 'data' | 'metadata'>>(
    'select position, data::text, metadata::text from events where stream = $1',
    [`target:${project}/production`],
  );
  await pool.end();
  if (rows.length === 0) throw new Error('The log does not have what the probe wrote.');
  return checkPublishable(rows, RECORD_BYTES);
};
