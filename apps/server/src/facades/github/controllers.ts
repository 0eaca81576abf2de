import type { Provider, Type } from '@nestjs/common';
import { GitHubAccountController } from './account.controller.js';
import { GitHubDeploymentsController } from './deployments.controller.js';
import { GitHubDeployments } from './deployments.js';
import { GitHubEnvironmentsController } from './environments.controller.js';
import { GitHubGraphqlController } from './graphql/graphql.controller.js';
import { GitHubStatusesController } from './statuses.controller.js';
import { StatusReports } from './status-reports.js';

export const githubControllers: Type[] = [
  GitHubStatusesController,
  GitHubDeploymentsController,
  GitHubEnvironmentsController,
  GitHubAccountController,
  GitHubGraphqlController,
];

export const githubParts: Provider[] = [GitHubDeployments, StatusReports];
