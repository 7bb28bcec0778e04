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

complete -c ordctl -n "__fish_ordctl_needs_command" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_needs_command" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_needs_command" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_needs_command" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_needs_command" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_needs_command" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_needs_command" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ordctl -n "__fish_ordctl_needs_command" -s V -l version -d 'Print version'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "health" -d 'How is the system?'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "maintain" -d 'Keep the system in order'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "doctor" -d 'What can be reached, with which rights, and what is missing?'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "run" -d 'Run any runbook, also one of your own'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "runbook" -d 'Read and check runbooks'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "migrate" -d 'Bring the database\'s tables up to date'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "demo" -d 'Show the morning report of a made-up day in a throw-away PostgreSQL'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "config" -d 'Read the configuration'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "expr" -d 'Evaluate a JMESPath expression on the JSON on standard input'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c ordctl -n "__fish_ordctl_needs_command" -f -a "man" -d 'Print the manual page, or write all of them'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and not __fish_seen_subcommand_from morning" -f -a "morning" -d 'Every system once: the first look of the day'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -s p -l param -d 'Set a parameter of the runbook; may be repeated' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l only -d 'Only this section or step; may be repeated' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l skip -d 'Leave out this section or step; may be repeated' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l timeout -d 'Time-out of each question, instead of the runbook\'s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l watch -d 'Repeat after this pause and redraw' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l ping -d 'Report to a dead-man switch: GET URL when ok or warning, URL/fail otherwise' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l textfile -d 'Also write the report as metrics for node_exporter, atomically' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand health; and __fish_seen_subcommand_from morning" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and not __fish_seen_subcommand_from analyze" -f -a "analyze" -d 'Refresh the planner\'s statistics of the scheduler\'s tables'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -s p -l param -d 'Set a parameter of the runbook; may be repeated' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l only -d 'Only this section or step; may be repeated' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l skip -d 'Leave out this section or step; may be repeated' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l timeout -d 'Time-out of each question, instead of the runbook\'s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l watch -d 'Repeat after this pause and redraw' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l ping -d 'Report to a dead-man switch: GET URL when ok or warning, URL/fail otherwise' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l textfile -d 'Also write the report as metrics for node_exporter, atomically' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l confirm -d 'Consent to a grave action by naming its target' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l dry-run -d 'Check everything and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -s y -l yes -d 'Consent without being asked'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -l resume -d 'Go on with the last run after the step at which it stopped'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand maintain; and __fish_seen_subcommand_from analyze" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -s p -l param -d 'Set a parameter of the runbook; may be repeated' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l only -d 'Only this section or step; may be repeated' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l skip -d 'Leave out this section or step; may be repeated' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l timeout -d 'Time-out of each question, instead of the runbook\'s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l watch -d 'Repeat after this pause and redraw' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l ping -d 'Report to a dead-man switch: GET URL when ok or warning, URL/fail otherwise' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l textfile -d 'Also write the report as metrics for node_exporter, atomically' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -s p -l param -d 'Set a parameter of the runbook; may be repeated' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l only -d 'Only this section or step; may be repeated' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l skip -d 'Leave out this section or step; may be repeated' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l timeout -d 'Time-out of each question, instead of the runbook\'s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l watch -d 'Repeat after this pause and redraw' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l ping -d 'Report to a dead-man switch: GET URL when ok or warning, URL/fail otherwise' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l textfile -d 'Also write the report as metrics for node_exporter, atomically' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l confirm -d 'Consent to a grave action by naming its target' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l dry-run -d 'Check everything and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -s y -l yes -d 'Consent without being asked'
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -l resume -d 'Go on with the last run after the step at which it stopped'
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -f -a "list" -d 'All runbooks'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -f -a "show" -d 'What a runbook does'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -f -a "lint" -d 'Check runbooks without running them'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -f -a "run" -d 'Run a runbook; short: `ordctl run`'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and not __fish_seen_subcommand_from list show lint run schema" -f -a "schema" -d 'The JSON Schema of runbooks, for editors'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -s p -l param -d 'Set a parameter of the runbook; may be repeated' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l only -d 'Only this section or step; may be repeated' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l skip -d 'Leave out this section or step; may be repeated' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l timeout -d 'Time-out of each question, instead of the runbook\'s' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l watch -d 'Repeat after this pause and redraw' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l ping -d 'Report to a dead-man switch: GET URL when ok or warning, URL/fail otherwise' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l textfile -d 'Also write the report as metrics for node_exporter, atomically' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l confirm -d 'Consent to a grave action by naming its target' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l dry-run -d 'Check everything and print the exact calls; change nothing'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -s y -l yes -d 'Consent without being asked'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -l resume -d 'Go on with the last run after the step at which it stopped'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand runbook; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l check -d 'Only say what is applied and what is pending; exit 1 when something is pending'
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -l tune -d 'Also drop indexes of upstream\'s that cost more than they give; needs --yes'
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -s y -l yes -d 'Consent to what --tune drops'
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand migrate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and not __fish_seen_subcommand_from show" -f -a "show" -d 'Every setting; secrets are masked'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -l origin -d 'Also where each value comes from'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand expr" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -l dir -d 'Write the pages of all commands into this directory' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -l config -d 'Configuration file [env: ORDCTL_CONFIG]' -r -F
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -l env -d 'Environment of the configuration file [env: ORDCTL_ENV]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -l data-dir -d 'Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -l database-url -d 'PostgreSQL, without a password [env: DATABASE_URL]' -r
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -s o -l output -d 'Output format' -r -f -a "text\t'For a person at a terminal or in a mail'
json\t'A versioned contract'
yaml\t'The same as YAML'
markdown\t'For a ticket or a wiki'
junit\t'For CI'
prometheus\t'Metrics in the text format 0.0.4'
nagios\t'A monitoring plugin\'s output'"
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -l color -d 'Colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -s q -l quiet -d 'Print only what is not ok'
complete -c ordctl -n "__fish_ordctl_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
