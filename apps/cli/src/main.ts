#!/usr/bin/env node
import { once } from 'node:events';
import { shiplog } from './cli.js';

// Whoever reads has seen enough, as `head` has.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await shiplog(process.argv.slice(2), {
  env: process.env,
  out: async (text) => {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  },
  err: (text) => void process.stderr.write(text),
});
