import type { Provider, Type } from '@nestjs/common';
import { GitLabAccountController } from './account.controller.js';
import { GitLabDecisionsController } from './decisions.controller.js';
import { GitLabDeploymentsController } from './deployments.controller.js';
import { GitLabDeployments } from './deployments.js';
import { GitLabEnvironmentsController } from './environments.controller.js';
import { GitLabEnvironments } from './environments.js';
import { NewDeployments } from './new-deployments.js';
import { GitLabProjects } from './projects.js';
import { StatusChanges } from './status-changes.js';

export const gitlabControllers: Type[] = [
  GitLabDeploymentsController,
  GitLabDecisionsController,
  GitLabEnvironmentsController,
  GitLabAccountController,
];

export const gitlabParts: Provider[] = [
  GitLabProjects,
  GitLabDeployments,
  GitLabEnvironments,
  NewDeployments,
  StatusChanges,
];
