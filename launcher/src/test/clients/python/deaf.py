"""Clients that ask for long streams, read the beginning and then stop reading, without leaving.

Usage: deaf.py PORT COUNT, with the API key in OPENAI_API_KEY and the body in BODY. Prints "deaf JOB..." once all of
them have stopped reading. At a line on standard input they read what is left: prints "rest BYTES ENDS", the bytes
and how many streams came to their [DONE]. Segments and buffers are made small, so that what the gateway's kernel
takes off its hands is a few dozen kilobytes a stream and not the megabytes of a loopback connection.
"""

import os
import re
import socket
import sys

SEGMENT = 536
RECEIVE_BUFFER = 2048
BEGINNING = 1000


def ask(port: int) -> socket.socket:
    connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    connection.settimeout(120)
    connection.connect(("127.0.0.1", port))
    body = os.environ["BODY"].encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer {os.environ['OPENAI_API_KEY']}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    connection.sendall(head.encode() + body)
    return connection


def read(connection: socket.socket, most: int) -> bytes:
    """What comes until there are so many bytes, the stream has its end, or the connection has."""
    received = bytearray()
    try:
        while len(received) < most and b"[DONE]" not in received[-64:]:
            part = connection.recv(min(most - len(received), 65_536))
            if not part:
                break
            received += part
    except ConnectionError:
        pass  # What a gateway that gave up leaves behind.
    return bytes(received)


def main() -> None:
    port, count = int(sys.argv[1]), int(sys.argv[2])
    connections = [ask(port) for _ in range(count)]
    beginnings = [read(connection, BEGINNING) for connection in connections]
    jobs = []
    for beginning in beginnings:
        head = beginning.decode(errors="replace")
        job = re.search(r"(?i)^x-decentral-job-id: *(\w+)\r$", head, re.MULTILINE)
        if not head.startswith("HTTP/1.1 200") or job is None:
            sys.exit("refused: " + head)
        jobs.append(job[1])
    print("deaf", *jobs, flush=True)
    sys.stdin.readline()
    rests = [read(connection, 1 << 30) for connection in connections]
    print("rest", sum(map(len, rests)), sum(b"[DONE]" in rest for rest in rests), flush=True)


if __name__ == "__main__":
    main()
