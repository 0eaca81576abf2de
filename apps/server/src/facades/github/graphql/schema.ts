import { buildSchema } from 'graphql';

/** What clients ask of the deployments of a repository, under GitHub's names; what only they ask of anything else is not there. */
export const schema = buildSchema(`
  scalar DateTime
  scalar URI
  scalar GitObjectID
  enum OrderDirection { ASC DESC }
  enum DeploymentOrderField { CREATED_AT }
  input DeploymentOrder { field: DeploymentOrderField!, direction: OrderDirection! }
  enum DeploymentState {
    ABANDONED ACTIVE DESTROYED ERROR FAILURE INACTIVE PENDING SUCCESS QUEUED IN_PROGRESS WAITING
  }
  enum DeploymentStatusState { PENDING SUCCESS FAILURE INACTIVE ERROR QUEUED IN_PROGRESS WAITING }

  type Query {
    viewer: User!
    rateLimit: RateLimit
    repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
  }
  type RateLimit { cost: Int!, limit: Int!, remaining: Int!, used: Int!, resetAt: DateTime!, nodeCount: Int! }
  interface Actor { login: String!, url: URI!, avatarUrl(size: Int): URI!, resourcePath: URI! }
  type User implements Actor { login: String!, url: URI!, avatarUrl(size: Int): URI!, resourcePath: URI!, id: ID!, databaseId: Int, name: String }
  type Bot implements Actor { login: String!, url: URI!, avatarUrl(size: Int): URI!, resourcePath: URI!, id: ID!, databaseId: Int }
  type PageInfo { endCursor: String, hasNextPage: Boolean!, hasPreviousPage: Boolean!, startCursor: String }
  type Repository {
    id: ID!, databaseId: Int, name: String!, nameWithOwner: String!, url: URI!
    deployments(environments: [String!], orderBy: DeploymentOrder = { field: CREATED_AT, direction: ASC },
                after: String, before: String, first: Int, last: Int): DeploymentConnection!
  }
  type DeploymentEdge { cursor: String!, node: Deployment }
  type DeploymentConnection { nodes: [Deployment], edges: [DeploymentEdge], totalCount: Int!, pageInfo: PageInfo! }
  type Ref { id: ID!, name: String!, prefix: String! }
  type GitActor { name: String, email: String }
  type Commit { oid: GitObjectID!, abbreviatedOid: String!, commitUrl: URI!, message: String!, author: GitActor, committedDate: DateTime }
  type Deployment {
    id: ID!, databaseId: Int, commitOid: String!, commit: Commit, createdAt: DateTime!, updatedAt: DateTime!
    creator: Actor!, description: String, environment: String, originalEnvironment: String, latestEnvironment: String
    payload: String, ref: Ref, repository: Repository!, state: DeploymentState, task: String
    latestStatus: DeploymentStatus
    statuses(after: String, before: String, first: Int, last: Int): DeploymentStatusConnection
  }
  type DeploymentStatusEdge { cursor: String!, node: DeploymentStatus }
  type DeploymentStatusConnection { nodes: [DeploymentStatus], edges: [DeploymentStatusEdge], totalCount: Int!, pageInfo: PageInfo! }
  type DeploymentStatus {
    id: ID!, state: DeploymentStatusState!, createdAt: DateTime!, updatedAt: DateTime!, creator: Actor!
    description: String, environment: String, environmentUrl: URI, logUrl: URI
  }
`);
