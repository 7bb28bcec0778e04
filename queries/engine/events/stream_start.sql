-- Where reading of the event stream starts.
SELECT adopted, stream_start FROM ordctl.engine
