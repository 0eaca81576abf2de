export const USAGE = `usage: shiplog configure URL TOKEN
         keeps where the service is and what to send there, in ~/.shiplog/client-config
       shiplog deployments schedule|start|finish|fail|cancel|rollback PROJECT TARGET [--version V]
                           [--commit REPOSITORY:BRANCH[:SHA|HEAD]]… [--ext-label LABEL] [--ext-url URL] [--description TEXT]
         reports what a pipeline does; rollback goes back to that version, or to what was current last
       shiplog run PROJECT TARGET --version V [--commit …]… [--…] -- COMMAND…
         reports a start, runs the command, and reports that it finished or failed; ends as the command does
       shiplog targets create|change PROJECT TARGET [--name N] [--description TEXT] [--url URL] [--settings JSON]
                           [--type unmapped|development|testing|staging|production] [--repository R]… [--label KEY=VALUE]…
       shiplog targets show|delete PROJECT TARGET
       shiplog targets list PROJECT
       shiplog current [PROJECT] [--at TIME]
         what runs where, now or at any moment
       shiplog history PROJECT TARGET [--limit N]
         what ran there, newest first
       shiplog events [--after N] [--follow]
         the log, from its beginning or behind event N; with --follow also what comes
       shiplog audit verify EXPORT CHECKPOINTS KEYS [--proof PROOF]
       shiplog audit verify --consistency CONSISTENCY CHECKPOINTS KEYS
         verifies an export of the log, or that it has only grown, offline, as docs/audit.md says

Each takes --json. SHIPLOG_URL and SHIPLOG_TOKEN go before what was configured.
exit codes: 0 ok, 1 refused, 2 usage, 3 auth, 4 not found, 5 conflict, 6 unreachable
`;
