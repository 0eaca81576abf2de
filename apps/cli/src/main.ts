#!/usr/bin/env node
import { runVerifier } from '#audit';

const USAGE = `usage: shiplog audit verify EXPORT CHECKPOINTS KEYS [--proof PROOF] [--json]
  verifies an export of the log offline, as docs/audit.md says
`;

/** The commands, by their names. */
const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  'audit verify': runVerifier,
};

const [group = '', verb = '', ...args] = process.argv.slice(2);
const command = commands[`${group} ${verb}`];
if (!command) process.stderr.write(USAGE);
process.exitCode = command ? await command(args) : 2;
