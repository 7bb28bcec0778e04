# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_ordctl_global_optspecs
    string join \n config= env= data-dir= database-url= o/output= color= q/quiet h/help V/version
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

complete -c ordctl -n "__fish_ordctl_needs_command" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_needs_command" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_needs_command" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_needs_command" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_needs_command" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_needs_command" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_needs_command" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_needs_command" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_needs_command" -s V -l version -d 'Print version'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "health" -d 'Report the state of the system'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "logs" -d 'Show service logs merged by time'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "capacity" -d 'Report growth, utilization and time until full'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "baseline" -d 'Measure performance and compare it with a saved baseline'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "maintain" -d 'Run routine maintenance'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "restart" -d 'Restart services one after the other and wait until each is ready'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "scale" -d 'Change the number of workers'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "doctor" -d 'Check connections, rights and settings of every system'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "run" -d 'Run a runbook by name or from a file'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "runbook" -d 'List, show and check runbooks'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "tool" -d 'List and show the tools that runbook steps use'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "serve" -d 'Schedule and run tasks'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "task" -d 'Create, show and control tasks'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "schedule" -d 'Preview schedules'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "runs" -d 'List, show and cancel task runs'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "agent" -d 'Manage API agents and their keys'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "queue" -d 'Show the work queue and retry dead letters'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "hold" -d 'Pause work on all nodes'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "resume" -d 'Resume work on all nodes'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "migrate" -d 'Apply database migrations'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "demo" -d 'Run example tasks on a temporary PostgreSQL and report on it'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "config" -d 'Show the configuration'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "expr" -d 'Evaluate a JMESPath expression on JSON from standard input'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "completions" -d 'Print a shell completion script'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "man" -d 'Print the manual page or write all pages to a directory'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -f -a "morning" -d 'Report the state of every system'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning evening" -f -a "evening" -d 'Report today\'s runs, tomorrow\'s schedule, resource usage, growth and backups'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from evening" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l since -d 'From when on: so long ago, or an instant (RFC 3339)' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l until -d 'Until when' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l level -d 'At least so grave' -r -f -a "trace\t'Every step'
debug\t'For who looks for a fault'
info\t'As it should be'
warn\t'Worth a look'
error\t'Something failed'
critical\t'Nothing goes on'"
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l grep -d 'Only lines in which this is found; may be repeated: one of them' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l exclude -d 'No line in which this is found; may be repeated' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -s f -l follow -d 'Go on with what is written from now on, also by new containers'
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -l fold -d 'Similar lines as one, with how often, first and last'
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and not __fish_seen_subcommand_from analyze" -a "analyze" -d 'What the logs are a sign of: errors, slowness, security, the database, scarcity'
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l since -d 'From when on: so long ago, or an instant (RFC 3339); default: 1h' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l until -d 'Until when' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand logs; and __fish_seen_subcommand_from analyze" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l chart -d 'Also draw the time series to this SVG file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand capacity" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l confirm -d 'Consent to an action that is hard to undo by naming its target' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l save -d 'Save the figures [default file: the environment\'s]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l compare -d 'Compare with saved figures [default file: the environment\'s]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l threshold -d 'Warn when a figure is worse by this share' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l dry-run -d 'Check preconditions and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -l resume -d 'Continue the last run after its last finished step'
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand baseline" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -f -a "analyze" -d 'Refresh the planner\'s statistics of the scheduler\'s tables'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -f -a "weekly" -d 'Delete what is old, give its room back, rebuild bloated indexes, clean up Docker'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze weekly monthly" -f -a "monthly" -d 'Back up, verify by restoring, review the month, delete old backups'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l confirm -d 'Consent to an action that is hard to undo by naming its target' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l dry-run -d 'Check preconditions and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l resume -d 'Continue the last run after its last finished step'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l confirm -d 'Consent to an action that is hard to undo by naming its target' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l dry-run -d 'Check preconditions and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -l resume -d 'Continue the last run after its last finished step'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from weekly" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l confirm -d 'Consent to an action that is hard to undo by naming its target' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l dry-run -d 'Check preconditions and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -l resume -d 'Continue the last run after its last finished step'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from monthly" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -f -a "api" -d 'The API; it must answer on its health endpoint'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -f -a "scheduler" -d 'The scheduler'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -f -a "workers" -d 'The workers, one at a time; each must send a heartbeat before the next'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -f -a "database" -d 'PostgreSQL; what depends on it is stopped first and started again'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -f -a "redis" -d 'Redis; it must answer PING'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and not __fish_seen_subcommand_from api scheduler workers database redis all" -f -a "all" -d 'Everything, in the right order'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l confirm -d 'Consent to an action that is hard to undo by naming its target' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l dry-run -d 'Check preconditions and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -l resume -d 'Continue the last run after its last finished step'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from api" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l confirm -d 'Consent to an action that is hard to undo by naming its target' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l dry-run -d 'Check preconditions and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -l resume -d 'Continue the last run after its last finished step'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from scheduler" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l confirm -d 'Consent to an action that is hard to undo by naming its target' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l dry-run -d 'Check preconditions and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -l resume -d 'Continue the last run after its last finished step'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from workers" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l confirm -d 'Consent to an action that is hard to undo by naming its target' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l dry-run -d 'Check preconditions and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -l resume -d 'Continue the last run after its last finished step'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from database" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l confirm -d 'Consent to an action that is hard to undo by naming its target' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l dry-run -d 'Check preconditions and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -l resume -d 'Continue the last run after its last finished step'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from redis" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l confirm -d 'Consent to an action that is hard to undo by naming its target' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l dry-run -d 'Check preconditions and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -l resume -d 'Continue the last run after its last finished step'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand restart; and __fish_seen_subcommand_from all" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -f -a "up" -d 'To so many workers in all, which must not be fewer than now'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -f -a "down" -d 'To so many workers in all, which must not be more than now'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -f -a "to" -d 'To so many workers in all'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -f -a "emergency" -d 'To as many workers as may be: services.worker.max, or 8'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -f -a "auto" -d 'To as many workers as the load asks for'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and not __fish_seen_subcommand_from up down to emergency auto status" -f -a "status" -d 'How many run, and is it enough?'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l confirm -d 'Consent to an action that is hard to undo by naming its target' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l dry-run -d 'Check preconditions and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -l resume -d 'Continue the last run after its last finished step'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l confirm -d 'Consent to an action that is hard to undo by naming its target' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l dry-run -d 'Check preconditions and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -l resume -d 'Continue the last run after its last finished step'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l confirm -d 'Consent to an action that is hard to undo by naming its target' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l dry-run -d 'Check preconditions and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -l resume -d 'Continue the last run after its last finished step'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from to" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l confirm -d 'Consent to an action that is hard to undo by naming its target' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l dry-run -d 'Check preconditions and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -l resume -d 'Continue the last run after its last finished step'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from emergency" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l watch -d 'Stay, and decide again after each pause; ends on SIGTERM' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -s p -l param -d 'Set a parameter of the runbook; may be repeated' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l ping -d 'Report to a dead-man switch: GET URL when ok or warning, URL/fail otherwise' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l textfile -d 'Also write the report as metrics for node_exporter, atomically' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l once -d 'One decision and at most one step; the default'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -l dry-run -d 'Check everything and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -s y -l yes -d 'Consent without being asked'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from auto" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand scale; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l confirm -d 'Consent to an action that is hard to undo by naming its target' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l dry-run -d 'Check preconditions and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l resume -d 'Continue the last run after its last finished step'
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -f -a "list" -d 'List all runbooks'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -f -a "show" -d 'Show a runbook'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -f -a "lint" -d 'Check runbooks without running them'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -f -a "run" -d 'Run a runbook; the same as `ordctl run`'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -f -a "schema" -d 'Print the JSON Schema of runbooks, for editors'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -s p -l param -d 'Set a parameter of the runbook; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l only -d 'Run only this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l skip -d 'Leave out this section or step; repeatable' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l timeout -d 'Limit the time of each check, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l watch -d 'Repeat and redraw at this interval, such as 5s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l ping -d 'Ping a dead-man switch: URL when ok or warning, else URL/fail' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l textfile -d 'Also write metrics for node_exporter to this file' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l report -d 'Also write the report to this .txt, .md, .json, .yaml or .xml file' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l confirm -d 'Consent to an action that is hard to undo by naming its target' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l wait -d 'Wait this long for another run on the same target to end' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l dry-run -d 'Check preconditions and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -s y -l yes -d 'Consent without a prompt'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l resume -d 'Continue the last run after its last finished step'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -f -a "list" -d 'List all tools with their effect'
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and not __fish_seen_subcommand_from list show" -f -a "show" -d 'Show a tool and its parameters'
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from list" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from list" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from list" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from list" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from list" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from list" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from show" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from show" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from show" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from show" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from show" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from show" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand tool; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l listen -d 'Where to serve HTTP; without the role api only /health and /metrics, and only if this is given' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l role -d 'What this process does; default: everything' -r -f -a "api\t'Serves HTTP'
scheduler\t'Queues what schedules ask for'
worker\t'Runs what is due'"
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l concurrency -d 'How many runs at once' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l log-format -d 'How the log is written' -r -f -a "text\t'One line per event, for people'
json\t'One JSON object per line, for a collector'"
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l beside-upstream -d 'Start although upstream\'s scheduler or workers run on this database'
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -l dev -d 'Make the example tasks, if they are not there'
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand serve" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume cancel" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume cancel" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume cancel" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume cancel" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume cancel" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume cancel" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume cancel" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume cancel" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume cancel" -f -a "create" -d 'Make a task'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume cancel" -f -a "list" -d 'Which tasks are there?'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume cancel" -f -a "show" -d 'One task, with its latest run'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume cancel" -f -a "run" -d 'Run a task now'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume cancel" -f -a "pause" -d 'Start nothing of it until it is resumed'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume cancel" -f -a "resume" -d 'Follow its schedule again'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and not __fish_seen_subcommand_from create list show run pause resume cancel" -f -a "cancel" -d 'End it for good and drop its pending work'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l file -d 'A whole task document, as POST /tasks takes it, in YAML or JSON; - is standard input' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l title -d 'What a person calls it' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l description -d 'What it is for; default: the title' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l kind -d 'cron, rrule, once, event or condition' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l expr -d 'When: five cron fields, an RRULE, an instant, a topic, or what must turn true' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l timezone -d 'The zone of its wall-clock times; default: that of the configuration' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l pipeline -d 'Its steps, or its whole payload, in YAML or JSON; - is standard input' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l priority -d '1 to 9, 1 first' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l max-retries -d 'How often a failed run is tried again' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l backoff -d 'exponential_jitter, linear or fixed' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l concurrency-key -d 'Runs with the same key run one at a time' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l dedupe-key -d 'Occurrences with the same key within the window are dropped' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l dedupe-window -d 'That window, in seconds' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l catch-up -d 'What becomes of missed occurrences: skip, once or all' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -l status -d 'Only active, paused or canceled ones' -r -f -a "active\t''
paused\t''
canceled\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -l kind -d 'Only of this kind' -r -f -a "cron\t''
rrule\t''
once\t''
event\t''
condition\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -l limit -d 'At most so many' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from show" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from show" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from show" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from show" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from show" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from show" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -l wait -d 'Wait for its end; exit 2 when it fails'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from pause" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from resume" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -s y -l yes -d 'Consent: what is canceled stays so'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand task; and __fish_seen_subcommand_from cancel" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and not __fish_seen_subcommand_from preview" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and not __fish_seen_subcommand_from preview" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and not __fish_seen_subcommand_from preview" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and not __fish_seen_subcommand_from preview" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and not __fish_seen_subcommand_from preview" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and not __fish_seen_subcommand_from preview" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and not __fish_seen_subcommand_from preview" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and not __fish_seen_subcommand_from preview" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and not __fish_seen_subcommand_from preview" -f -a "preview" -d 'When would it come?'
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l kind -d 'cron, rrule or once' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l expr -d 'Five cron fields, an RRULE, or an instant' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l timezone -d 'The zone of its wall-clock times' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l dtstart -d 'Where an rrule without DTSTART begins (RFC 3339); default: now' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l after -d 'Strictly after this instant (RFC 3339); default: now' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l count -d 'So many' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand schedule; and __fish_seen_subcommand_from preview" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -f -a "list" -d 'The latest runs, those that are going on among them'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -f -a "show" -d 'One run, with its error and output'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -f -a "tail" -d 'Runs as they end'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and not __fish_seen_subcommand_from list show tail cancel" -f -a "cancel" -d 'Stop a run that is going on'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l task -d 'Only of this task: its id, the beginning of it, or its title' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l limit -d 'At most so many' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -l failed -d 'Only what failed'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from show" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from show" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from show" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from show" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from show" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from show" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -l task -d 'Only of this task: its id, the beginning of it, or its title' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -s n -l lines -d 'Begin with so many' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -s f -l follow -d 'Go on until interrupted'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from tail" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runs; and __fish_seen_subcommand_from cancel" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -f -a "create" -d 'Let somebody ask; prints an API key, this once'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -f -a "list" -d 'Who may ask, what, and when each last did'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -f -a "rotate" -d 'A new API key; prints it, this once'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and not __fish_seen_subcommand_from create list rotate revoke" -f -a "revoke" -d 'End every key, secret and token of an agent, on all nodes, at once'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l scope -d 'What it may do; may be given several times' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l webhook-url -d 'Where it wants to be told' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l expires -d 'How long the key is good; default: until it is rotated or revoked' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from list" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from list" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from list" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from list" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from list" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from list" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -l grace -d 'How long the keys before stay good' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -l expires -d 'How long the new key is good; default: until it is rotated or revoked' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -l yes -d 'Don\'t ask'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand agent; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -f -a "status" -d 'What waits, what runs, what is stuck'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -f -a "workers" -d 'Who works: nodes with their lanes, and upstream\'s workers'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -f -a "failed" -d 'What has failed for good and was not retried; exit 1 when there is any'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and not __fish_seen_subcommand_from status workers failed retry" -f -a "retry" -d 'Queue again what has failed for good'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from status" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from status" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from status" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from status" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from status" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from status" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from workers" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from workers" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from workers" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from workers" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from workers" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from workers" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from workers" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from workers" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -l task -d 'Only of this task: its id, the beginning of it, or its title' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -l limit -d 'At most so many' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from failed" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l task -d 'All of this task: its id, the beginning of it, or its title' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -l all -d 'All there are'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -s y -l yes -d 'Consent to what --task and --all take'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand queue; and __fish_seen_subcommand_from retry" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -l because -d 'Why, for those who find it held' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand hold" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand resume" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l check -d 'Only say what is applied and what is pending; exit 1 when something is pending'
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l tune -d 'Also drop indexes of upstream\'s that cost more than they give; needs --yes'
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -s y -l yes -d 'Consent to what --tune drops'
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show" -f -a "show" -d 'Show every setting, with secrets masked'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -l origin -d 'Also show where each value comes from'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -s h -l help -d 'Print help; --help prints more'
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -l dir -d 'Write the pages of all commands to this directory' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -l config -d 'Read this configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -l env -d 'Use this environment of the configuration [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -l data-dir -d 'Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -l database-url -d 'Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -s o -l output -d 'Set the output format, such as json [default: text]' -r -f -a "text\t'Text for a terminal or a mail'
json\t'Versioned JSON for programs'
yaml\t'The same structure as YAML'
markdown\t'Tables for a ticket or a wiki'
junit\t'JUnit XML for CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s status line'"
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -l color -d 'Use color: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t''
never\t''"
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -s h -l help -d 'Print help; --help prints more'
