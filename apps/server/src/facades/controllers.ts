import type { Provider, Type } from '@nestjs/common';
import { cdeventsControllers, cdeventsParts } from './cdevents/controllers.js';
import { FacadeCommands } from './facade-commands.js';
import { FacadeReads } from './facade-reads.js';
import { LastEvents } from './last-events.js';
import { devlakeControllers, devlakeParts } from './devlake/controllers.js';
import { githubControllers, githubParts } from './github/controllers.js';
import { gitlabControllers, gitlabParts } from './gitlab/controllers.js';
import { jiraControllers, jiraParts } from './jira/controllers.js';
import { ProjectNumbers } from './project-numbers.js';
import { RecentWrites } from './recent-writes.js';
import { Standings } from './standings.js';
import { spaceControllers, spaceParts } from './space/controllers.js';
import { versionerControllers, versionerParts } from './versioner/controllers.js';

/** The routes of all dialects. */
export const facadeControllers: Type[] = [
  ...githubControllers,
  ...gitlabControllers,
  ...jiraControllers,
  ...spaceControllers,
  ...versionerControllers,
  ...cdeventsControllers,
  ...devlakeControllers,
];

/** What they are made of. */
export const facadeParts: Provider[] = [
  RecentWrites,
  ProjectNumbers,
  FacadeCommands,
  FacadeReads,
  Standings,
  LastEvents,
  ...githubParts,
  ...gitlabParts,
  ...jiraParts,
  ...spaceParts,
  ...versionerParts,
  ...cdeventsParts,
  ...devlakeParts,
];
