import { newRival } from '../commands/contender.js';
import { analyze } from '../frame/database.js';

/** Starts and finishes on 10,000 targets through the waist until the log is long enough; answers how many events it has. */
export async function fillLog(connectionString: string, atLeast: number): Promise<number> {
  const waist = newRival('waist', connectionString);
  let { events } = await waist.ask('prepare');
  while (events < atLeast)
    events += (await waist.ask('run', { commands: Math.ceil(atLeast / 10), inFlight: 2_000 })).events;
  await waist.close();
  await analyze(connectionString);
  return events;
}
