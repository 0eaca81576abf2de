export { Bell } from './bell.js';
export { allRoles, configurationTable, ConfigError, loadConfig, type Config, type Role } from './config.js';
export { groupBy } from './group-by.js';
export { newId } from './ids.js';
export { createLogger, type Logger, type LogLevel } from './logger.js';
export { Metrics } from './metrics.js';
export { isSecureUrl, type OidcIssuer, type OidcRule } from './oidc.js';
export { stopInOrder, within, type StopStep } from './shutdown.js';
export { startTracing, type BeginSpan, type Span, type Tracing } from './tracing.js';
