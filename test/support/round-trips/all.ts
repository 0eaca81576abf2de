import { cdevents } from './cdevents.js';
import { devlake } from './devlake.js';
import type { Dialect } from './dialect.js';
import { github } from './github.js';
import { gitlab } from './gitlab.js';
import { jira } from './jira.js';
import { native } from './native.js';
import { space } from './space.js';
import { versioner } from './versioner.js';

/** Each dialect, and our own API, by their names. */
export const all: Readonly<Record<string, Dialect>> = {
  native,
  github,
  gitlab,
  jira,
  space,
  versioner,
  cdevents,
  devlake,
};
