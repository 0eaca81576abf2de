import type { Provider, Type } from '@nestjs/common';
import { GitHubAccountController } from './account.controller.js';
import { GitHubArtifactRecordsController } from './artifacts/artifact-records.controller.js';
import { ArtifactRecords } from './artifacts/artifact-records.js';
import { GitHubDeploymentsController } from './deployments.controller.js';
import { GitHubDeployments } from './deployments.js';
import { GitHubEnvironmentsController } from './environments.controller.js';
import { GitHubGraphqlController } from './graphql/graphql.controller.js';
import { GitHubRootController } from './root.controller.js';
import { GitHubStatusesController } from './statuses.controller.js';
import { StatusReports } from './status-reports.js';

export const githubControllers: Type[] = [
  GitHubStatusesController,
  GitHubDeploymentsController,
  GitHubEnvironmentsController,
  GitHubRootController,
  GitHubAccountController,
  GitHubGraphqlController,
  GitHubArtifactRecordsController,
];

export const githubParts: Provider[] = [GitHubDeployments, StatusReports, ArtifactRecords];
