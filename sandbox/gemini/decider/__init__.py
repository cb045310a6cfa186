"""The sandbox model's answer to the task "decide": rules that read evidence and options, never anybody's prose."""
