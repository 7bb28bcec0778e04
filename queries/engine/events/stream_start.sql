-- from where is the event stream read?
SELECT adopted, stream_start FROM ordctl.engine
