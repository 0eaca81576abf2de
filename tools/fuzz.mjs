import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
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

/** Python's regular expressions know no classes of Unicode: the two that ours have, spelled out, for values to be made of them. */
const spelledOut = (document) =>
  JSON.stringify(document, (name, value) =>
    name === 'pattern'
      ? value.replaceAll('\\p{Cc}', '\\x00-\\x1f\\x7f-\\x9f').replaceAll('\\p{Cs}', '\\ud800-\\udfff')
      : value,
  );

/** Somebody else's, from openapi.json alone, with so many examples an operation. */
const schemathesis = () => {
  const home = join(root, '.build/fuzz');
  const bin = virtualEnvironment(home, join(root, 'test/fuzz/requirements.txt'));
  const config = join(root, 'test/fuzz/schemathesis.toml');
  const work = async ({ url, token }) => {
    const document = join(home, 'openapi.json');
    writeFileSync(document, spelledOut(await (await fetch(`${url}/openapi.json`)).json()));
    const options = {
      url,
      header: `Authorization: Bearer ${token}`,
      'max-examples': values.schemathesis,
      seed: values.seed,
      'request-timeout': '10',
      phases: 'examples,coverage,fuzzing',
      'exclude-path': '/api/v1/events/live',
      // What else it checks is tested where it is documented: here nothing may fail.
      checks: 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance',
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    return ended(
      // What it keeps it keeps where it runs.
      spawn(join(bin, 'schemathesis'), ['--config-file', config, 'run', document, ...args], {
        cwd: home,
        stdio: 'inherit',
      }),
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
