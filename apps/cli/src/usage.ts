export const USAGE = `usage: shiplog audit verify EXPORT CHECKPOINTS KEYS [--proof PROOF] [--json]
       shiplog audit verify --consistency CONSISTENCY CHECKPOINTS KEYS [--json]
         verifies an export of the log, or that it has only grown, offline, as docs/audit.md says
       shiplog configure URL TOKEN
         keeps where the service is and what to send there, in ~/.shiplog/client-config
       shiplog deployments schedule|start|finish|fail PROJECT TARGET [--version V] [--commit REPOSITORY:BRANCH[:SHA|HEAD]]…
                           [--ext-label LABEL] [--ext-url URL] [--description TEXT] [--json]
       shiplog deployments cancel PROJECT TARGET [--version V] [--commit REPOSITORY:BRANCH[:SHA|HEAD]]… [--json]
       shiplog deployments rollback PROJECT TARGET [--ext-label LABEL] [--ext-url URL] [--description TEXT] [--json]
         reports what a pipeline does; SHIPLOG_URL and SHIPLOG_TOKEN go before what was configured

exit codes: 0 ok, 1 refused, 2 usage, 3 auth, 4 not found, 5 conflict, 6 unreachable
`;
