"""Hooks of `make fuzz-api`: requests use ids that exist, and documents get the parts that a schema cannot express."""

import atexit
import collections
import json
import os
import time
import urllib.request

import schemathesis

URL = os.environ["API_URL"]
KEY = os.environ["API_KEY"]
OWN_AGENT = os.environ["OWN_AGENT"]
# A file for the documents that fit the schema and got 422.
REFUSED = os.environ.get("REFUSED")
SYSTEM_AGENT = "00000000-0000-0000-0000-000000000001"

SCHEDULES = {
    "cron": "0 3 * * 1-5",
    "rrule": "FREQ=DAILY;COUNT=3",
    "once": "2099-01-01T00:00:00Z",
    "event": "topic",
    "condition": "query: tasks_active > 0 every 5m",
}
LONG_TASK = {
    "title": "long",
    "description": "runs until it is canceled",
    "schedule_kind": "event",
    "schedule_expr": "long",
    "payload": {"pipeline": [{"uses": "wait", "with": {"seconds": 600}, "timeout_seconds": 900}]},
}

running = []
calls = collections.Counter()
answers = collections.Counter()


def request(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(URL + path, data, headers, method=method), timeout=20) as answer:
        return json.load(answer)


def task_id():
    return request("POST", "/tasks", {**LONG_TASK, "schedule_expr": "never"})["id"]


def agent_id():
    """An agent of its own: the requests that follow from an answer expect their agent to stay."""
    return request("POST", "/agents", {"name": f"agent-{time.time_ns()}", "scopes": ["tasks:read"]})["id"]


def login():
    agent = agent_id()
    secret = request("POST", f"/agents/{agent}/credentials")["agent_secret"]
    return {"agent_id": agent, "agent_secret": secret}


def run_id(is_canceled):
    """A running run. One that is canceled is not used again."""
    if not running:
        task = request("POST", "/tasks", LONG_TASK)["id"]
        request("POST", f"/tasks/{task}/run_now")
        deadline = time.monotonic() + 20
        while not running and time.monotonic() < deadline:
            running.extend(run["id"] for run in request("GET", f"/runs?task_id={task}")["items"])
            time.sleep(0.05)
        if not running:
            raise TimeoutError(f"no run of task {task} starts")
    return running.pop() if is_canceled else running[0]


def existing_id(path):
    if path.startswith("/agents/{id}"):
        return agent_id()
    if path.startswith("/runs/{id}"):
        return run_id(is_canceled=path.endswith("/cancel"))
    return task_id()


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Schemathesis cannot combine the conditions of `schedule_expr` with the tools' branches; `repair` meets them."""
    for name in ("TaskInput", "TaskUpdate"):
        raw_schema["components"]["schemas"][name].pop("allOf")


@schemathesis.hook
def before_call(context, case, kwargs):
    method, path = case.operation.method.upper(), case.operation.path
    if method != "GET":
        spare_own_agent(case)
    if case.meta is None or case.meta.generation.mode.is_negative:
        return
    operation = f"{method} {path}"
    calls[operation] += 1
    # The first and every fourth request; the others have random ids or the ids that links supply.
    if "{id}" in path and calls[operation] % 4 == 1:
        case.path_parameters["id"] = existing_id(path)
    if operation == "POST /agents/auth/token" and calls[operation] % 4 == 1:
        case.body = login()
    if operation == "POST /agents/auth/refresh" and calls[operation] % 4 == 1:
        case.body = {"refresh_token": request("POST", "/agents/auth/token", login())["refresh_token"]}
    if operation in ("POST /tasks", "PUT /tasks/{id}") and isinstance(case.body, dict):
        repair(case.body)


def spare_own_agent(case):
    """The key must keep its agent and scopes: a request that takes them away would end the test."""
    for place in (case.path_parameters, case.body):
        if isinstance(place, dict):
            for key, value in place.items():
                if isinstance(value, str) and value.lower() == OWN_AGENT:
                    place[key] = agent_id()


def repair(body):
    kind = body.get("schedule_kind")
    if kind in SCHEDULES and "schedule_expr" in body:
        body["schedule_expr"] = SCHEDULES[kind]
    elif body.get("schedule_expr") is not None:
        # The stored task decides the notation.
        body.pop("schedule_expr")
    if body.get("created_by") is not None:
        body["created_by"] = SYSTEM_AGENT
    for place, step in enumerate((body.get("payload") or {}).get("pipeline") or []):
        step["id"] = f"step{place}"
        if step.get("if") is not None:
            step["if"] = "event.kind == 'a'"
        step["with"] = repaired(step.get("with"))


def repaired(value):
    """The value with templates that can be read."""
    if isinstance(value, str):
        return "${event.kind}" if "${" in value else value
    if isinstance(value, list):
        return [repaired(item) for item in value]
    if isinstance(value, dict):
        return {key: repaired(item) for key, item in value.items()}
    return value


@schemathesis.hook
def after_call(context, case, response):
    if case.meta is not None and not case.meta.generation.mode.is_negative:
        operation = f"{case.operation.method.upper()} {case.operation.path}"
        answers[operation, response.status_code] += 1
        if REFUSED and response.status_code == 422:
            with open(REFUSED, "a") as file:
                print(operation, json.dumps(case.body), response.text, sep="\t", file=file)


@atexit.register
def summary():
    for operation in sorted({operation for operation, _ in answers}):
        by_status = {status: n for (name, status), n in sorted(answers.items()) if name == operation}
        print(f"  {operation}: " + ", ".join(f"{n} × {status}" for status, n in by_status.items()))
    silent = [name for name in {n for n, _ in answers} if not any(s < 300 for n, s in answers if n == name)]
    if silent:
        print("never successful:", ", ".join(sorted(silent)))
