import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const stamp = join(dist, '.stamp.json');

const { assets } = JSON.parse(readFileSync(join(root, 'nest-cli.json'), 'utf8')).compilerOptions;
const assetPatterns = assets.map((glob) => new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`));

/** As tsconfig.build.json and nest-cli.json have it: words and results beside the code make no other program. */
const isBuilt = (path) =>
  path.endsWith('.ts')
    ? !path.endsWith('.spec.ts') && !path.includes('/testing/')
    : assetPatterns.some((pattern) => pattern.test(path));

const sources = () => {
  const folders = ['apps', 'libs', 'tools', 'test/bench'].filter((folder) => existsSync(join(root, folder)));
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const shared = ['nest-cli.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
  return [
    ...shared.map((file) => join(root, file)),
    ...files.filter((file) => isBuilt(relative(root, file).replaceAll(sep, '/'))),
  ];
};

const hashes = () =>
  Object.fromEntries(sources().map((file) => [file, createHash('sha256').update(readFileSync(file)).digest('base64')]));

const built = () => {
  try {
    return JSON.parse(readFileSync(stamp, 'utf8'));
  } catch {
    return {};
  }
};

const run = (program, ...args) => {
  const { status } = spawnSync(process.execPath, [join(root, program), ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('The build failed.');
};

/** Builds `dist` with the Nest CLI, and of it the bundle of the service, unless it stands for exactly these sources already. Throws when it does not compile. */
export const buildIfChanged = () => {
  const now = hashes();
  const before = built();
  if (JSON.stringify(now) === JSON.stringify(before)) return;
  // What has no source any more must not linger: migrations, above all.
  if (Object.keys(before).some((file) => !(file in now))) rmSync(dist, { recursive: true, force: true });
  rmSync(stamp, { force: true });
  console.log('Building …');
  run('node_modules/@nestjs/cli/bin/nest.js', 'build');
  run('tools/bundle.mjs');
  writeFileSync(stamp, JSON.stringify(now));
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    buildIfChanged();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
