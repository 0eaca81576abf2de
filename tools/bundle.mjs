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
const placeOfModules = {
  name: 'place-of-modules',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.js$/ }, ({ path }) => {
      if (!path.startsWith(dist) || path === main) return undefined;
      const place = JSON.stringify(relative(dirname(outfile), path));
      const text = readFileSync(path, 'utf8');
      return { contents: text.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`) };
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
  plugins: [placeOfModules],
});
