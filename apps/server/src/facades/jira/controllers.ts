import type { Provider, Type } from '@nestjs/common';
import { JiraAccountController } from './account.controller.js';
import { JiraBulk } from './bulk.js';
import { JiraDeploymentsController } from './deployments.controller.js';
import { JiraDeployments } from './deployments.js';
import { JiraRemovals } from './removals.js';
import { JiraReports } from './reports.js';

export const jiraControllers: Type[] = [JiraDeploymentsController, JiraAccountController];

export const jiraParts: Provider[] = [JiraBulk, JiraDeployments, JiraRemovals, JiraReports];
