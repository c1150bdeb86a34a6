#!/usr/bin/python3
"""Lists the instances of a KVM-cloud as JSON: a client in another language than the cloud's own.

Needs pika (`apt install python3-pika` or `pip install pika`). The broker is named by KVM_CLOUD_AMQP, for example
amqp://operator@127.0.0.1:5672/kvm-cloud, the file with the password by KVM_CLOUD_PASSWORD_FILE. docs/wire.md explains
every message; another one is asked with `list.py TYPE`, for example `list.py controller.list`.
"""

import json
import os
import sys
import time
import uuid
from urllib.parse import quote, urlsplit

import pika

DEADLINE_SECONDS = 10


def parameters():
    """Where the broker is and who we are there."""
    uri = urlsplit(os.environ.get("KVM_CLOUD_AMQP", "amqp://guest:guest@localhost/kvm-cloud"))
    if "KVM_CLOUD_PASSWORD_FILE" in os.environ:
        with open(os.environ["KVM_CLOUD_PASSWORD_FILE"], encoding="utf-8") as file:
            password = quote(file.read().strip(), safe="")
        user, host = (uri.username or "guest"), uri.netloc.rpartition("@")[2]
        uri = uri._replace(netloc=f"{user}:{password}@{host}")
    found = pika.URLParameters(uri.geturl())
    found.client_properties = {"connection_name": "list.py"}
    return found


def ask(channel, command):
    """Publishes a read without fields and returns the type and the body of the answer."""
    request_id = str(uuid.uuid4())
    answers = []

    def answered(_channel, _method, properties, body):
        if properties.correlation_id == request_id:
            answers.append((properties.type, json.loads(body)))

    def returned(*_):
        answers.append(("error", {"reason": "UNREACHABLE", "message": "no manager is running"}))

    channel.add_on_return_callback(returned)
    channel.basic_consume("amq.rabbitmq.reply-to", answered, auto_ack=True)
    channel.basic_publish(
        exchange="kvm.commands",
        routing_key="read." + command,
        mandatory=True,
        body=json.dumps({}),
        properties=pika.BasicProperties(
            type=command,
            message_id=request_id,
            correlation_id=request_id,
            reply_to="amq.rabbitmq.reply-to",
            content_type="application/json",
            expiration=str(DEADLINE_SECONDS * 1000),
            headers={"version": 1, "deadline": int((time.time() + DEADLINE_SECONDS) * 1000)},
        ),
    )
    until = time.monotonic() + DEADLINE_SECONDS
    while not answers and time.monotonic() < until:
        channel.connection.process_data_events(time_limit=until - time.monotonic())
    return answers[0] if answers else ("error", {"reason": "TIMED_OUT", "message": "no answer in time"})


def main():
    """Prints the answer; the exit code is 1 when it is an error."""
    with pika.BlockingConnection(parameters()) as connection:
        kind, answer = ask(connection.channel(), sys.argv[1] if len(sys.argv) > 1 else "instance.list")
    json.dump(answer, sys.stdout, indent=2)
    print()
    return 1 if kind == "error" else 0


if __name__ == "__main__":
    sys.exit(main())
