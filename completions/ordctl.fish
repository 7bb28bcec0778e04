# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_ordctl_global_optspecs
    string join \n config= env= data-dir= database-url= o/output= color= timeout= q/quiet h/help V/version
end

function __fish_ordctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_ordctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_ordctl_using_subcommand
    set -l cmd (__fish_ordctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c ordctl -n "__fish_ordctl_needs_command" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_needs_command" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_needs_command" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_needs_command" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_needs_command" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_needs_command" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_needs_command" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_needs_command" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_needs_command" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_needs_command" -s V -l version -d 'Print version'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "health" -d 'Report the state of the system'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "logs" -d 'Show service logs merged by time'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "capacity" -d 'Report growth, utilization and time until full'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "baseline" -d 'Measure performance and compare it with a saved baseline'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "maintain" -d 'Run routine maintenance'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "history" -d 'List what ordctl changed, or show one run with its steps'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "restart" -d 'Restart services one by one and wait until each is ready'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "scale" -d 'Change the number of workers'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "doctor" -d 'Check connections, privileges and settings of every system'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "run" -d 'Run a runbook by name or from a file'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "runbook" -d 'List, show and check runbooks'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "tool" -d 'List and show the tools that runbook steps use'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "serve" -d 'Schedule and run tasks'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "task" -d 'Create, show and control tasks'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "schedule" -d 'Preview schedules'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "runs" -d 'List, show and cancel task runs'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "agent" -d 'Manage API agents and their keys'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "queue" -d 'Show the work queue and retry dead letters'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "db" -d 'Show locks and connections of the database, and end a session'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "hold" -d 'Pause work on all nodes'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "resume" -d 'Resume work on all nodes'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "migrate" -d 'Apply database migrations'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "demo" -d 'Run example tasks on a temporary PostgreSQL and print a health report'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "init" -d 'Write a configuration of the discovered system'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "config" -d 'Show the configuration'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "expr" -d 'Evaluate a JMESPath expression on JSON from standard input'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "completions" -d 'Print a shell completion script'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "man" -d 'Print the manual page or write all pages to a directory'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -f -a "morning" -d 'Report the state of every system'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -f -a "evening" -d 'Report today\'s runs, tomorrow\'s schedule, resource usage, growth and backups'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l since -d 'Start at this time or this long ago [default: 1h]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l until -d 'End at this time or this long ago [default: now]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -s n -l tail -d 'Show only the last N lines of all services' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l level -d 'Show only lines of at least this level, such as warn' -r -f -a "trace\t''
debug\t''
info\t''
warn\t''
error\t''
critical\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l grep -d 'Show only lines that match; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l exclude -d 'Hide lines that match; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -s f -l follow -d 'Follow new lines, including those of new containers'
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l fold -d 'Count similar lines as one, with first and last time'
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -a "analyze" -d 'Report errors, slow requests and security events in the logs'
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l since -d 'Start at this time or this long ago [default: 1h]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l until -d 'End at this time or this long ago [default: now]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l chart -d 'Also draw the time series to this SVG file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l save -d 'Save the figures to this file [default: the environment\'s]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l compare -d 'Compare with the figures in this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l threshold -d 'Warn about figures that are worse by more than this' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l resume -d 'Continue an unfinished run where it stopped'
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -f -a "analyze" -d 'Update the planner statistics of the scheduler\'s tables'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -f -a "weekly" -d 'Delete old rows, vacuum, rebuild bloated indexes and remove unused Docker objects'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -f -a "monthly" -d 'Back up, verify the backup by restoring it, review the month and delete old backups'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l resume -d 'Continue an unfinished run where it stopped'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l resume -d 'Continue an unfinished run where it stopped'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l resume -d 'Continue an unfinished run where it stopped'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand history" -l since -d 'Only runs that began at this time or later, or this long ago' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand history" -l limit -d 'Maximum number of runs' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand history" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand history" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand history" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand history" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand history" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand history" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand history" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand history" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand history" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -f -a "api" -d 'Restart the API and wait for its health endpoint'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -f -a "scheduler" -d 'Restart the scheduler'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -f -a "workers" -d 'Restart the workers one at a time, waiting for the heartbeat of each'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -f -a "database" -d 'Restart PostgreSQL; stop its clients first and start them afterwards'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -f -a "redis" -d 'Restart Redis and wait for PING'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -f -a "all" -d 'Restart all services in dependency order'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l resume -d 'Continue an unfinished run where it stopped'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l resume -d 'Continue an unfinished run where it stopped'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l resume -d 'Continue an unfinished run where it stopped'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l resume -d 'Continue an unfinished run where it stopped'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l resume -d 'Continue an unfinished run where it stopped'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l resume -d 'Continue an unfinished run where it stopped'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -f -a "up" -d 'Add workers until N run'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -f -a "down" -d 'Stop workers until N run'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -f -a "to" -d 'Set the number of workers to N'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -f -a "emergency" -d 'Scale to the maximum number of workers: services.worker.max, or 8'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -f -a "auto" -d 'Scale the workers to match the load'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -f -a "status" -d 'Report how many workers run and how many the load needs'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l resume -d 'Continue an unfinished run where it stopped'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l resume -d 'Continue an unfinished run where it stopped'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l resume -d 'Continue an unfinished run where it stopped'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l resume -d 'Continue an unfinished run where it stopped'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l watch -d 'Keep running and decide after each pause, until SIGTERM' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l textfile -d 'Also write the report as node_exporter metrics, atomically' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l once -d 'Decide once and change at most one step (the default)'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l resume -d 'Continue an unfinished run where it stopped'
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -f -a "list" -d 'List all runbooks'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -f -a "show" -d 'Show a runbook'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -f -a "lint" -d 'Check runbooks without running them'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -f -a "run" -d 'Run a runbook; the same as `ordctl run`'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -f -a "schema" -d 'Print the JSON Schema of runbooks, for editors'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l report -d 'Also write the report to this file, such as report.md' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l resume -d 'Continue an unfinished run where it stopped'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -s v -l verbose -d 'Show every check on a terminal too'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -f -a "list" -d 'List all tools with their effect'
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -f -a "show" -d 'Show a tool and its parameters'
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from list" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from list" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from list" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from list" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from list" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from list" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from list" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from show" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from show" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from show" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from show" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from show" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from show" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from show" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l listen -d 'Serve HTTP on this address [default: engine.listen]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l role -d 'Run only these roles [default: all]' -r -f -a "api\t'Serve the HTTP API'
scheduler\t'Queue scheduled runs and condition tasks'
worker\t'Run due tasks'"
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l concurrency -d 'Run at most this many tasks at the same time [default: engine.concurrency]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l log-format -d 'Write the log in this format' -r -f -a "text\t'One line per event, for people'
json\t'One JSON object per line, for a collector'"
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l beside-upstream -d 'Start even if Ordinaut\'s scheduler or workers run on this database'
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l dev -d 'Create missing example tasks'
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume snooze cancel" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume snooze cancel" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume snooze cancel" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume snooze cancel" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume snooze cancel" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume snooze cancel" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume snooze cancel" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume snooze cancel" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume snooze cancel" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume snooze cancel" -f -a "create" -d 'Create a task'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume snooze cancel" -f -a "list" -d 'List tasks'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume snooze cancel" -f -a "show" -d 'Show a task with its schedule and latest run'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume snooze cancel" -f -a "run" -d 'Queue a task now'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume snooze cancel" -f -a "pause" -d 'Pause a task until it is resumed'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume snooze cancel" -f -a "resume" -d 'Resume a paused task'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume snooze cancel" -f -a "snooze" -d 'Postpone the queued work and the schedule of a task'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume snooze cancel" -f -a "cancel" -d 'Cancel a task permanently and remove its pending work'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l file -d 'Read the task document from this file; - is stdin' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l title -d 'Title of the task' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l description -d 'Purpose of the task [default: the title]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l kind -d 'Trigger: cron, rrule, once, event or condition' -r -f -a "cron\t''
rrule\t''
once\t''
event\t''
condition\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l expr -d 'Cron fields, RRULE, instant, topic or condition' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l timezone -d 'Time zone of the schedule [default: time_zone of the configuration]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l pipeline -d 'Read the steps from this YAML file; - is stdin' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l priority -d 'Priority from 1 to 9; 1 runs first' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l max-retries -d 'Number of retries after a failed run' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l backoff -d 'How the delay before a retry grows' -r -f -a "exponential_jitter\t''
linear\t''
fixed\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l concurrency-key -d 'Run at most one task with this key at a time' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l dedupe-key -d 'Drop occurrences with the same key within the window' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l dedupe-window -d 'Length of the window in seconds' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l catch-up -d 'Which missed occurrences run after an outage' -r -f -a "skip\t''
once\t''
all\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -l status -d 'Only tasks with this status' -r -f -a "active\t''
paused\t''
canceled\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -l kind -d 'Only tasks of this kind' -r -f -a "cron\t''
rrule\t''
once\t''
event\t''
condition\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -l limit -d 'Maximum number of tasks' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from show" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from show" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from show" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from show" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from show" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from show" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from show" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -l wait -d 'Wait until the run finishes; exit 2 when it fails'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from snooze" -l for -d 'Postpone by this long, from 1s to 7d' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from snooze" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from snooze" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from snooze" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from snooze" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from snooze" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from snooze" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from snooze" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from snooze" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from snooze" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from snooze" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from snooze" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from snooze" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from snooze" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from snooze" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and not __fish_seen_subcommand_from preview" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and not __fish_seen_subcommand_from preview" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and not __fish_seen_subcommand_from preview" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and not __fish_seen_subcommand_from preview" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and not __fish_seen_subcommand_from preview" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and not __fish_seen_subcommand_from preview" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and not __fish_seen_subcommand_from preview" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and not __fish_seen_subcommand_from preview" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and not __fish_seen_subcommand_from preview" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and not __fish_seen_subcommand_from preview" -f -a "preview" -d 'Show the next occurrences of a schedule'
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l kind -d 'Schedule kind: cron, rrule or once' -r -f -a "cron\t''
rrule\t''
once\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l expr -d 'Schedule expression: five cron fields, an RRULE, or a time' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l timezone -d 'Time zone of the expression' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l dtstart -d 'Start an rrule without DTSTART at this time (RFC 3339) [default: now]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l after -d 'Show occurrences after this time (RFC 3339) [default: now]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l count -d 'Show this many occurrences' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -f -a "list" -d 'List recent runs, including running ones'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -f -a "show" -d 'Show a run with its error and output'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -f -a "tail" -d 'Print the latest finished runs'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -f -a "cancel" -d 'Cancel a run in progress, or all of a task'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l task -d 'Only runs of this task: its id, the start of its id, or its title' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l status -d 'Only runs with this status: running, ok or failed' -r -f -a "running\t''
ok\t''
failed\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l since -d 'Only since 1h (ago), yesterday, 14:00 or a date' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l until -d 'Only before this time' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l limit -d 'Maximum number of runs' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l failed -d 'Only failed runs; the same as --status failed'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from show" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from show" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from show" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from show" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from show" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from show" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from show" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -l task -d 'Only runs of this task: its id, the start of its id, or its title' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -s n -l lines -d 'Number of runs to start with' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -s f -l follow -d 'Continue until interrupted'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l task -d 'All runs in progress of this task: its id, the start of its id, or its title' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -f -a "create" -d 'Create an agent and print its API key once'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -f -a "list" -d 'List agents with their scopes, credentials and last use'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -f -a "rotate" -d 'Replace an agent\'s API key and print the new one once'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -f -a "revoke" -d 'Revoke all keys, secrets and sessions of an agent at once'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l scope -d 'Scope to grant; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l webhook-url -d 'URL to store with the agent; ordctl never calls it' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l expires -d 'Lifetime of the key [default: until rotated or revoked]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from list" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from list" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from list" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from list" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from list" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from list" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from list" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -l grace -d 'How long earlier keys stay valid' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -l expires -d 'Lifetime of the new key [default: until rotated or revoked]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -f -a "status" -d 'Show due, running and blocked work'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -f -a "workers" -d 'List nodes with their lanes, and Ordinaut workers'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -f -a "failed" -d 'List dead letters by task and error; exit 1 if there are any'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -f -a "retry" -d 'Queue dead letters again'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from status" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from status" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from status" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from status" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from status" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from status" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from status" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from workers" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from workers" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from workers" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from workers" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from workers" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from workers" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from workers" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from workers" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from workers" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -l task -d 'Only of this task: its id, start of its id, or title' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -l error -d 'Only with this text in their error' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -l since -d 'Only since 1h (ago), yesterday, 14:00 or a date' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -l until -d 'Only before this time' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -l limit -d 'List at most this many' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -l each -d 'List each dead letter instead of groups of the same task and error'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l task -d 'Only of this task: its id, start of its id, or title' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l error -d 'Only with this text in their error' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l since -d 'Only since 1h (ago), yesterday, 14:00 or a date' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l until -d 'Only before this time' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l all -d 'Retry all dead letters'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and not __fish_seen_subcommand_from locks connections kill" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and not __fish_seen_subcommand_from locks connections kill" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and not __fish_seen_subcommand_from locks connections kill" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and not __fish_seen_subcommand_from locks connections kill" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and not __fish_seen_subcommand_from locks connections kill" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and not __fish_seen_subcommand_from locks connections kill" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and not __fish_seen_subcommand_from locks connections kill" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and not __fish_seen_subcommand_from locks connections kill" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and not __fish_seen_subcommand_from locks connections kill" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and not __fish_seen_subcommand_from locks connections kill" -f -a "locks" -d 'Show which sessions block others; exit 1 if any does'
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and not __fish_seen_subcommand_from locks connections kill" -f -a "connections" -d 'Count connections by user, application and state'
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and not __fish_seen_subcommand_from locks connections kill" -f -a "kill" -d 'Cancel the statement of a session, and end the session if that does not help'
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from locks" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from locks" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from locks" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from locks" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from locks" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from locks" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from locks" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from locks" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from locks" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from connections" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from connections" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from connections" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from connections" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from connections" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from connections" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from connections" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from connections" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from connections" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from kill" -l wait -d 'Wait this long for a canceled transaction to end before the session is ended' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from kill" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from kill" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from kill" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from kill" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from kill" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from kill" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from kill" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from kill" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from kill" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from kill" -l force -d 'Also end a backup, a replication, a vacuum against wraparound, or a session of ordctl'
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from kill" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from kill" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from kill" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from kill" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand db; and __fish_seen_subcommand_from kill" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l confirm -d 'Consent to a high-impact action in environment NAME' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l reason -d 'Record why, in the journal and the audit log' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l check -d 'Only show applied and pending migrations; exit 1 if any is pending'
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l tune -d 'Also drop Ordinaut\'s indexes that slow writes and serve no query'
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l convert-cron -d 'Also convert cron expressions that ordctl reads differently than Ordinaut'
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l dry-run -d 'Only print the plan; see --show-statements'
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l show-statements -d 'Show the exact statements and calls of the plan, in a dry run and at the prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand init" -l file -d 'Write this file; an existing one is never changed [default: ordctl.yaml]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand init" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand init" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand init" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand init" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand init" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand init" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand init" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand init" -l dry-run -d 'Print the file; write nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand init" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand init" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show init" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show init" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show init" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show init" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show init" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show init" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show init" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show init" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show init" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show init" -f -a "show" -d 'Show every setting, with secrets masked'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show init" -f -a "init" -d 'Write a configuration of the discovered system, as ordctl init does'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -l origin -d 'Also show where each value comes from'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from init" -l file -d 'Write this file; an existing one is never changed [default: ordctl.yaml]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from init" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from init" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from init" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from init" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from init" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from init" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from init" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from init" -l dry-run -d 'Print the file; write nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -l dir -d 'Write the pages of all commands to this directory' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -l config -d 'Read this configuration [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -l env -d 'Use this environment [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
wide\t'Text with all columns of a list, not cut'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -l timeout -d 'Limit each check and each response, such as 5s [default: 10s]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -s q -l quiet -d 'Print only findings that are not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -s h -l help -d 'Print help; --help prints more'
