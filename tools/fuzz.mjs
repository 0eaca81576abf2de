import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildIfChanged } from './build.mjs';
import { installIfChanged } from './install.mjs';
import { hasPython, virtualEnvironment } from './python.mjs';
import { ended, withService } from './service.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    schemathesis: { type: 'string', default: '20' },
  },
});

/** Our own generator: routes of the router, the hostile corpus, Kafka. */
const fuzz = () => {
  const env = { ...process.env, FUZZ_INPUTS: values.inputs, FUZZ_SEED: values.seed };
  return ended(
    spawn(process.execPath, [join(root, 'tools/test.mjs'), 'test/fuzz/'], { cwd: root, env, stdio: 'inherit' }),
  );
};

/** Somebody else's, from openapi.json alone, with so many examples an operation. */
const schemathesis = () => {
  const bin = virtualEnvironment(join(root, '.build/fuzz'), join(root, 'test/fuzz/requirements.txt'));
  const work = ({ url, token }) => {
    const args = ['run', `${url}/openapi.json`, '--header', `Authorization: Bearer ${token}`];
    const limits = ['--max-examples', values.schemathesis, '--seed', values.seed, '--request-timeout', '10'];
    const scope = ['--exclude-path', '/api/v1/events/live', '--exclude-path-regex', '^/docs'];
    // What else it checks is tested where it is documented: here nothing may fail.
    const checks = [
      '--checks',
      'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance',
    ];
    return ended(
      spawn(join(bin, 'schemathesis'), [...args, ...limits, ...scope, ...checks], { cwd: root, stdio: 'inherit' }),
    );
  };
  return withService(work, { KAFKA_BROKERS: 'none' });
};

try {
  installIfChanged();
  buildIfChanged();
  const codes = [await fuzz()];
  if (hasPython()) codes.push(await schemathesis());
  else console.error('Schemathesis was left out: there is no Python with venv.');
  process.exitCode = Math.max(...codes);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
