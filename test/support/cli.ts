import { shiplog } from '../../apps/cli/src/cli.js';
import { TOKEN, type TestServer } from './server.js';

/** What a shell would see of a call of `shiplog` to this service. */
export const shellOf =
  (api: TestServer) =>
  async (args: readonly string[], env: Record<string, string> = {}) => {
    const seen = { out: '', err: '' };
    const code = await shiplog(args, {
      env: { SHIPLOG_URL: api.server.url, SHIPLOG_TOKEN: TOKEN, HOME: '/nowhere', ...env },
      out: (text) => void (seen.out += text),
      err: (text) => void (seen.err += text),
    });
    return { code, ...seen };
  };
