#!/usr/bin/env node
import { shiplog } from './cli.js';

const { stdout, stderr } = process;
// Whoever writes there is told, and messages that nobody takes are lost.
stdout.on('error', () => undefined);
stderr.on('error', () => undefined);

try {
  process.exitCode = await shiplog(process.argv.slice(2), {
    env: process.env,
    out: (text) =>
      new Promise((resolve, reject) => {
        stdout.write(text, (error) => (error ? reject(error) : resolve()));
      }),
    err: (text) => void stderr.write(text),
  });
} catch (error) {
  // Whoever reads has seen enough, as `head` has.
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit();
  stderr.write(`shiplog: ${(error as Error).message}\n`);
  process.exit(1);
}
