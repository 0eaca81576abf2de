import pg from 'pg';

import { serve } from '../frame/peer.js';

const PAGE = 2_000;

/** The log read page after page by a client of pg as it comes. */
const open = async (connectionString: string) => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return {
    /** Events a second. */
    async read(): Promise<number> {
      const began = performance.now();
      let [events, after] = [0, '0'];
      for (let rows = -1; rows !== 0;) {
        const page = await client.query('select * from events where position > $1 order by position limit $2', [
          after,
          PAGE,
        ]);
        rows = page.rows.length;
        events += rows;
        after = page.rows.at(-1)?.position ?? after;
      }
      return (1_000 * events) / (performance.now() - began);
    },
    close: () => client.end(),
  };
};

export type KeysetMethods = Omit<Awaited<ReturnType<typeof open>>, 'close'>;

serve((connectionString) => open(connectionString!));
