-- Subscribes to the notifications of other nodes.
LISTEN ordctl_due;
LISTEN ordctl_schedule;
LISTEN ordctl_cancel;
LISTEN ordctl_hold;
LISTEN ordctl_event;
LISTEN ordctl_access
