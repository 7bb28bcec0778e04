-- hears of changes that other nodes have committed
LISTEN ordctl_due;
LISTEN ordctl_schedule;
LISTEN ordctl_cancel;
LISTEN ordctl_hold;
LISTEN ordctl_event
