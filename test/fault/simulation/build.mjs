import { transformSync } from '@swc/core';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const cache = join(root, 'node_modules/.cache/shiplog-simulation');
const FOLDERS = ['libs', 'apps/server/src/timekeeper', 'test/fault/checkers', 'test/fault/simulation', 'test/support'];

const filesOf = (folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));

const options = {
  swcrc: false,
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    target: 'es2023',
    keepClassNames: true,
  },
  module: { type: 'es6' },
};

/** The `imports` of package.json, with what was compiled in the place of sources; of what is for tests the parts without Jest. */
const imports = {
  '#domain/testing': './libs/domain/src/testing/invariants.js',
  '#event-store/testing': './libs/event-store/src/testing/memory.js',
  '#*': './libs/*/src/index.js',
};

/**
 * Compiles the sources as they are, with `changed` (texts by path) in the place of some of them, into a folder of its own, and
 * answers it. The product itself knows of no switch: a mutant is another text.
 */
export const buildSimulation = (changed = new Map()) => {
  const files = FOLDERS.flatMap(filesOf).map((file) => [
    file,
    changed.get(file) ?? readFileSync(join(root, file), 'utf8'),
  ]);
  const hash = createHash('sha256')
    .update(JSON.stringify({ options, imports }))
    .update(JSON.stringify(files))
    .digest('hex');
  const folder = join(cache, hash.slice(0, 16));
  if (existsSync(folder)) return folder;
  const making = `${folder}.${process.pid}`;
  for (const [file, text] of files) {
    const out = join(making, file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, compiled(file, text));
  }
  writeFileSync(join(making, 'package.json'), JSON.stringify({ type: 'module', imports }));
  try {
    renameSync(making, folder);
  } catch {
    // Another process was quicker.
    rmSync(making, { recursive: true, force: true });
  }
  return folder;
};

const texts = new Map();
const compiled = (file, text) => {
  const known = texts.get(file);
  if (known?.text === text) return known.code;
  const { code } = transformSync(text, { ...options, filename: file });
  texts.set(file, { text, code });
  return code;
};

/** The program of a built folder. */
export const programOf = (folder) => join(folder, 'test/fault/simulation/main.js');
