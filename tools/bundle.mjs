import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// Puts the service with all that it imports into one file: of its 3,200 files the search and the reading take longer than
// all else of a start. It is made of what tsc has compiled, in `dist` or the folder named, as esbuild knows no
// `emitDecoratorMetadata`.

const dist = resolve(process.argv[2] ?? fileURLToPath(new URL('../dist', import.meta.url)));
const main = join(dist, 'apps/server/src/main.js');
const outfile = join(dist, 'service/main.js');

/** Packages that others load where they are installed; here they are not. */
const ABSENT = [
  '@fastify/multipart',
  '@fastify/static',
  '@fastify/view',
  '@nestjs/microservices',
  '@nestjs/platform-express',
  '@nestjs/websockets',
  'pg-native',
];

/** What modules of CommonJS find in every file. */
const COMMON_JS = `import { createRequire as requireOf } from 'node:module';
const require = requireOf(import.meta.url);
const __filename = import.meta.filename;
const __dirname = import.meta.dirname;`;

/** Lets our modules find the files beside them, as migrations, where they were. */
const atItsPlace = (path, text) => {
  if (!path.startsWith(dist) || path === main) return text;
  const place = JSON.stringify(relative(dirname(outfile), path));
  return text.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`);
};

/** V8 keeps a text with one letter beyond Latin-1 in two bytes a letter: of this file that was 8 MB more, as long as it runs. */
const inAscii = (text) =>
  text.replaceAll(/[^\0-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);

const asOurs = {
  name: 'as-ours',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.[cm]?js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const contents = inAscii(atItsPlace(path, text));
      return contents === text ? undefined : { contents };
    }),
};

await build({
  entryPoints: [main],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // Nest and the log name classes.
  keepNames: true,
  sourcemap: true,
  sourcesContent: false,
  external: ABSENT.flatMap((name) => [name, `${name}/*`]),
  banner: { js: COMMON_JS },
  logLevel: 'warning',
  plugins: [asOurs],
});

if (/[^\0-\x7f]/.test(readFileSync(outfile, 'latin1'))) throw new Error(`${outfile} is not ASCII.`);
